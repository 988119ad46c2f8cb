import { History, Speech } from "lucide-react";
import { lazy, Suspense, useId, useRef, useState } from "react";
import type { Presentation, Slide, SlideStatus } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { MakeButton } from "@/features/slides/components/make-button";
import { NotKept } from "@/features/slides/components/not-kept";
import { Part } from "@/features/slides/components/part";
import { Warnings } from "@/features/slides/components/warnings";
import { leave } from "@/features/slides/drafts";
import { usePronouncing } from "@/features/slides/pronouncing";
import { useDraft } from "@/features/slides/use-draft";
import { warningsOf } from "@/features/slides/warnings";
import { clock } from "@/lib/format";
import { useT } from "@/lib/i18n";

const Versions = lazy(() => import("@/features/slides/components/versions").then((part) => ({ default: part.Versions })));

const MOST_CHARS = 20_000;
const FEW_LEFT_CHARS = 1_000;
const CHARS_A_SECOND = 15; // of English read aloud, until the server has counted

interface Props {
  presentation: Presentation;
  slide: Slide;
  status: SlideStatus | undefined;
}

/** The words to be spoken, written here and kept by themselves. */
export function NarrativeEditor({ presentation, slide, status }: Props) {
  const t = useT();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [showsVersions, setShowsVersions] = useState(false);
  const { text, write, kept, changed, state, touched, refusal } = useDraft(presentation.id, slide);
  const { narrative } = slide;
  const seconds = narrative && !changed ? narrative.estimatedS : text.trim().length / CHARS_A_SECOND;
  const { words: warnings } = warningsOf(slide, status);
  const fresh = narrative !== null && !narrative.stale;
  const left = MOST_CHARS - text.length;
  const outOfDate = madeOfOldWords(presentation, slide, changed).map((name) => t(`made.${name}`));

  function pronounce() {
    const { selectionStart, selectionEnd } = field.current ?? { selectionStart: 0, selectionEnd: 0 };
    usePronouncing.setState({ open: true, word: text.slice(selectionStart, selectionEnd).trim() });
  }

  return (
    <Part
      title={t("part.narrative")}
      badge={narrative?.stale && !changed && <Badge tone="warn">{t("slide.stale")}</Badge>}
      action={
        <MakeButton
          presentationId={presentation.id}
          slide={slide}
          kind="all_narratives_generation"
          anew={fresh}
          label={t(fresh ? "make.again" : "make.narrative")}
        />
      }
    >
      <label htmlFor={id} className="sr-only">
        {t("narrative.label", { title: slide.title || t("slide.untitled") })}
      </label>
      <textarea
        ref={field}
        id={id}
        className="field field-sizing-content min-h-36 resize-y text-[15px] leading-relaxed"
        value={text}
        lang={narrative?.language ?? slide.language}
        maxLength={MOST_CHARS}
        placeholder={t("narrative.placeholder")}
        aria-describedby={`${id}-facts ${id}-hint`}
        onChange={(event) => write(event.target.value)}
        onBlur={() => leave(slide.id)}
        spellCheck
      />
      <div id={`${id}-facts`} className="mt-2 flex min-h-6 flex-wrap items-center gap-x-4 gap-y-1 text-xs text-soft">
        <span className="tabular-nums">
          {text.trim() ? t("narrative.seconds", { time: clock(seconds) }) : t("narrative.none")}
        </span>
        {narrative && !changed && <span>{t(`source.${narrative.source}`)}</span>}
        {left < FEW_LEFT_CHARS && <span className="text-warn">{t("narrative.left", { count: left })}</span>}
        <span role="status" className="ml-auto">
          {state === "refused" && <span className="font-semibold text-bad">{t("slide.unsaved")}</span>}
          {(state === "waiting" || state === "saving") && t("narrative.saving")}
          {state === "saved" && touched && t("narrative.saved")}
        </span>
      </div>
      <p className="min-h-5 text-xs text-warn" role="status">
        {outOfDate.length > 0 && t("narrative.outOfDate", { count: outOfDate.length, made: outOfDate.join(", ") })}
      </p>
      {refusal && <NotKept presentationId={presentation.id} slide={slide} refusal={refusal} />}
      {warnings.length > 0 && (
        <div className="mt-3">
          <Warnings warnings={warnings} label={t("warnings.ofWords")} />
        </div>
      )}
      <footer className="mt-3 flex flex-wrap items-center gap-2 border-t border-line pt-3">
        <Button kind="quiet" size="small" className="-ml-2" disabled={!narrative} icon={<History size={14} aria-hidden />} onClick={() => setShowsVersions(true)}>
          {narrative ? t("narrative.version", { count: narrative.version }) : t("versions.title")}
        </Button>
        <Button kind="quiet" size="small" icon={<Speech size={14} aria-hidden />} onClick={pronounce}>
          {t("pronounce.do")}
        </Button>
        <span id={`${id}-hint`} className="ml-auto text-xs text-soft max-sm:hidden">
          {t("narrative.marks")}
        </span>
      </footer>
      {showsVersions && (
        <Suspense fallback={null}>
          <Versions presentationId={presentation.id} slide={slide} onRestored={kept} onClose={() => setShowsVersions(false)} />
        </Suspense>
      )}
    </Part>
  );
}

/** What is there already, and was made of other words than these. */
function madeOfOldWords(presentation: Presentation, slide: Slide, changed: boolean): ("speech" | "avatarVideo" | "film")[] {
  const { speech, avatarVideo } = slide;
  const { film } = presentation;
  const old = (changed && speech !== null) || (speech?.stale ?? false);
  if (!old) return [];
  const names: ("speech" | "avatarVideo" | "film")[] = ["speech"];
  if (avatarVideo && (changed || avatarVideo.stale)) names.push("avatarVideo");
  if (film && slide.included && (changed || film.stale)) names.push("film");
  return names;
}
