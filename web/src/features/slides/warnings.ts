import type { Slide, SlideStatus } from "@/api/types";
import { knownKey, type Translate } from "@/lib/i18n";

export interface Warning {
  code: string;
  message: string;
}

const OF_WORDS = new Set([
  "edited_before_change",
  "figure_not_on_slide",
  "narrative_length",
  "no_narration",
  "not_translated",
  "text_too_long",
]);
const OF_SPEECH = new Set(["voice_fallback", "voice_quality_limited"]);
/** What only the server's own sentence tells: names, numbers. */
const WITH_DETAIL = new Set(["fonts_missing", "figure_not_on_slide", "voice_fallback", "voice_quality_limited", "not_analysed"]);

export interface SlideWarnings {
  slide: Warning[];
  words: Warning[];
  speech: Warning[];
}

/** A slide's warnings by what they are about: those of its deck, of its words as they hold, and of its newest batch. */
export function warningsOf(slide: Slide, status: SlideStatus | undefined): SlideWarnings {
  const { narrative } = slide;
  const ofBatch = (status?.warnings ?? []).filter((each) => !OF_WORDS.has(each.code)); // its words may have changed since
  const edited = narrative?.editedBeforeChange ? [{ code: "edited_before_change", message: "" }] : [];
  const words = [...edited, ...(narrative?.warnings ?? [])];
  const deck = slide.warnings.filter((each) => each.code !== "hidden" || slide.included);
  return {
    slide: once([...deck, ...ofBatch.filter((each) => !OF_SPEECH.has(each.code) && each.code !== "hidden")]),
    words: once(words),
    speech: once(ofBatch.filter((each) => OF_SPEECH.has(each.code))),
  };
}

export function allOf({ slide, words, speech }: SlideWarnings): Warning[] {
  return [...slide, ...words, ...speech];
}

function once(warnings: Warning[]): Warning[] {
  return [...new Map(warnings.map((each) => [each.code, each])).values()];
}

/** A warning in the person's language: what it is, what the server adds, and what can be done. */
export function inWords(warning: Warning, t: Translate): { title: string; detail: string | null; next: string | null } {
  const title = knownKey(`warning.${warning.code}`);
  const next = knownKey(`warning.${warning.code}.next`);
  return {
    title: title ? t(title) : warning.message,
    detail: title && WITH_DETAIL.has(warning.code) && warning.message ? warning.message : null,
    next: next && t(next),
  };
}
