import { useId } from "react";
import type { Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { MakeButton } from "@/features/slides/components/make-button";
import { Part } from "@/features/slides/components/part";
import { useDraft } from "@/features/slides/use-draft";
import { clock } from "@/lib/format";
import { useT } from "@/lib/i18n";

const MOST_LETTERS = 20_000;
const LETTERS_PER_S = 15; // of English read aloud, until the server has counted

/** The words to be spoken, written here and kept by themselves. */
export function NarrativeEditor({ presentationId, slide }: { presentationId: string; slide: Slide }) {
  const t = useT();
  const id = useId();
  const { text, write, keepNow, drop, state, refusal } = useDraft(presentationId, slide);
  const { narrative } = slide;
  const changed = state === "saving" || state === "refused";
  const seconds = narrative && !changed ? narrative.estimatedS : text.length / LETTERS_PER_S;
  const outdated = changed ? (slide.speech ?? slide.avatarVideo) !== null : (slide.speech?.stale ?? false);
  return (
    <Part
      title={t("part.narrative")}
      badge={
        <>
          {narrative?.stale && <Badge tone="warn">{t("slide.stale")}</Badge>}
          {outdated && <Badge tone="warn">{t("narrative.speechStale")}</Badge>}
        </>
      }
      action={
        <MakeButton
          presentationId={presentationId}
          slideId={slide.id}
          kind="all_narratives_generation"
          anew={narrative !== null && !narrative.stale}
          label={t(narrative && !narrative.stale ? "make.again" : "make.narrative")}
        />
      }
    >
      <label htmlFor={id} className="sr-only">
        {t("narrative.label", { title: slide.title })}
      </label>
      <textarea
        id={id}
        className="field field-sizing-content min-h-36 resize-y text-[15px] leading-relaxed"
        value={text}
        maxLength={MOST_LETTERS}
        placeholder={slide.notes || t("narrative.placeholder")}
        aria-describedby={`${id}-facts`}
        onChange={(event) => write(event.target.value)}
        onBlur={keepNow}
        spellCheck
      />
      <div id={`${id}-facts`} className="mt-2 flex min-h-6 flex-wrap items-center gap-x-4 gap-y-1 text-xs text-soft">
        <span className="tabular-nums">{text ? t("narrative.seconds", { time: clock(seconds) }) : t("narrative.none")}</span>
        {narrative && <span>{t("narrative.version", { count: narrative.version })}</span>}
        <span role="status" className="ml-auto">
          {state === "saving" && t("narrative.saving")}
          {state === "saved" && t("narrative.saved")}
        </span>
      </div>
      {narrative?.editedBeforeChange && (
        <p className="mt-2 text-sm text-warn">{t("narrative.editedBefore")}</p>
      )}
      {narrative?.warnings?.map((warning) => (
        <p key={warning.code + warning.message} className="mt-2 text-sm text-warn">
          {warning.message}
        </p>
      ))}
      {refusal && (
        <div className="mt-3">
          <Notice
            tone="bad"
            title={refusal.message || t("error.unreachable")}
            action={
              refusal.code === "narrative_changed" ? (
                <Button size="small" onClick={drop}>
                  {t("narrative.takeTheirs")}
                </Button>
              ) : (
                <Button size="small" onClick={keepNow}>
                  {t("action.tryAgain")}
                </Button>
              )
            }
          >
            {refusal.nextStep ?? t("narrative.notSaved")}
          </Notice>
        </div>
      )}
    </Part>
  );
}
