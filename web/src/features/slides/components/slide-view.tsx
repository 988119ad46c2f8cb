import { ArrowDown, ArrowUp, Eye, EyeOff } from "lucide-react";
import type { Presentation, Slide } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useLive } from "@/features/live/store";
import { useChange } from "@/features/presentation/api/presentation";
import { AnalysisPart } from "@/features/slides/components/analysis-part";
import { AvatarVideoPart } from "@/features/slides/components/avatar-video-part";
import { NarrativeEditor } from "@/features/slides/components/narrative-editor";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { SpeechPart } from "@/features/slides/components/speech-part";
import { useOrder } from "@/features/slides/use-order";
import { useT } from "@/lib/i18n";

/** One slide with all that there is of it. */
export function SlideView({ presentation, slide }: { presentation: Presentation; slide: Slide }) {
  const t = useT();
  const change = useChange(presentation.id);
  const { slides, move } = useOrder(presentation);
  const status = useLive((live) => live.of[presentation.id]?.slides[slide.id]);
  const place = slides.findIndex((each) => each.id === slide.id);
  const toggle = () => change.mutate(slide.included ? { exclude: [slide.id] } : { include: [slide.id] });
  return (
    <article>
      <div className="mb-4 flex flex-wrap items-center gap-x-2 gap-y-2">
        <h2 className="min-w-0 flex-1 basis-56 text-xl font-semibold">
          <span className="mr-2 font-normal text-soft tabular-nums">{place + 1}</span>
          {slide.title || t("slide.untitled")}
        </h2>
        <Button
          kind="quiet"
          size="icon"
          aria-label={t("slide.moveUp")}
          disabled={place === 0}
          icon={<ArrowUp size={16} aria-hidden />}
          onClick={() => move(place, place - 1)}
        />
        <Button
          kind="quiet"
          size="icon"
          aria-label={t("slide.moveDown")}
          disabled={place === slides.length - 1}
          icon={<ArrowDown size={16} aria-hidden />}
          onClick={() => move(place, place + 1)}
        />
        <Button
          size="small"
          busy={change.isPending && change.variables.order === undefined}
          icon={slide.included ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />}
          onClick={toggle}
        >
          {t(slide.included ? "slide.leaveOut" : "slide.takeIn")}
        </Button>
      </div>
      {status?.error && (
        <div className="mb-4">
          <Notice tone="bad" title={t("slide.failed")}>
            {status.error.message}
          </Notice>
        </div>
      )}
      {slide.warnings.length > 0 && (
        <div className="mb-4">
          <Notice tone="warn">
            {slide.warnings.map((warning) => (
              <p key={warning.code + warning.message}>{warning.message}</p>
            ))}
          </Notice>
        </div>
      )}
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-6">
          <SlidePicture slide={slide} eager described={t("slide.picture", { title: slide.title })} className="shadow-card" />
          <NarrativeEditor presentationId={presentation.id} slide={slide} />
        </div>
        <div className="space-y-6">
          <SpeechPart presentationId={presentation.id} slide={slide} />
          <AvatarVideoPart presentationId={presentation.id} slide={slide} />
          <AnalysisPart slide={slide} />
        </div>
      </div>
    </article>
  );
}
