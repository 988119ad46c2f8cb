import type { BatchKind, Presentation } from "@/api/types";
import { Check } from "@/components/ui/choice";
import type { Wish } from "@/features/batches/api/start";
import { ExistingVideos } from "@/features/batches/components/existing-videos";
import { PresenterOptions } from "@/features/batches/components/presenter-options";
import { SlidePicker } from "@/features/batches/components/slide-picker";
import { WordsOptions } from "@/features/batches/components/words-options";
import { hasPresenter } from "@/features/batches/kinds";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  kind: BatchKind;
  wish: Wish;
  picking: boolean;
  onPick: (picking: boolean) => void;
  onChange: (part: Wish) => void;
}

/** How something is to be made: what a kind has no use for is not asked. */
export function MakeOptions({ presentation, kind, wish, picking, onPick, onChange }: Props) {
  const t = useT();
  const edited = presentation.slides.some((slide) => slide.narrative?.source === "edited");
  return (
    <div className="min-w-0 space-y-6">
      {hasPresenter(kind) && <PresenterOptions presentation={presentation} request={wish} onChange={onChange} />}
      {kind !== "all_slides_analysis" && (
        <WordsOptions presentation={presentation} kind={kind} request={wish} onChange={onChange} />
      )}
      <SlidePicker
        presentation={presentation}
        kind={kind}
        selected={wish.selectedSlideIds ?? null}
        open={picking}
        onOpen={onPick}
        onChange={(selectedSlideIds) => onChange({ selectedSlideIds })}
      />
      {hasPresenter(kind) && <ExistingVideos presentation={presentation} request={wish} />}
      <Check
        label={t("make.regenerate")}
        hint={t("make.regenerateHint")}
        checked={wish.regenerateExisting ?? false}
        onChange={(regenerateExisting) => onChange({ regenerateExisting })}
      />
      {kind === "presentation_video" && (
        <Check
          label={t("choice.aiMark")}
          hint={t("choice.aiMarkHint")}
          checked={wish.aiMark ?? presentation.choices.aiMark ?? false}
          onChange={(aiMark) => onChange({ aiMark })}
        />
      )}
      {kind === "all_narratives_generation" && edited && (
        <Check
          label={t("make.overwrite")}
          hint={t("make.overwriteHint")}
          checked={wish.overwriteEdits ?? false}
          onChange={(overwriteEdits) => onChange({ overwriteEdits })}
        />
      )}
    </div>
  );
}
