import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Narrative, Presentation, Slide } from "@/api/types";
import { presentationQuery } from "@/features/presentation/api/presentation";
import { isChanged, leave, useDrafts, write } from "@/features/slides/drafts";

/** A slide's words as they stand in the field, and how the keeping of them stands. */
export function useDraft(presentationId: string, slide: Slide) {
  const queries = useQueryClient();
  const draft = useDrafts((drafts) => drafts.of[slide.id]);
  const known = slide.narrative;
  const overtaken = draft?.state === "saved" && (known?.version ?? 0) > draft.base;
  const shown = overtaken ? undefined : draft;

  function kept(narrative: Narrative) {
    queries.setQueryData(presentationQuery(presentationId).queryKey, (was) => was && withWords(was, slide.id, narrative));
    for (const part of ["versions", "estimate"]) {
      void queries.invalidateQueries({ queryKey: ["presentation", presentationId, part] });
    }
  }
  useEffect(() => () => leave(slide.id), [slide.id]); // leaving the slide keeps what was written

  return {
    text: shown?.text ?? known?.text ?? "",
    write: (text: string) => write(slide, text, kept),
    kept,
    changed: isChanged(shown),
    state: shown?.state ?? "saved",
    touched: shown !== undefined,
    refusal: shown?.refusal ?? null,
  };
}

/** The presentation with new words for a slide: what was made of the old ones is out of date at once. */
export function withWords(presentation: Presentation, slideId: string, narrative: Narrative): Presentation {
  const old = presentation.slides.find((slide) => slide.id === slideId);
  if (old === undefined || old.narrative?.text === narrative.text) {
    return { ...presentation, slides: presentation.slides.map((slide) => (slide.id === slideId ? { ...slide, narrative } : slide)) };
  }
  return {
    ...presentation,
    film: presentation.film && { ...presentation.film, stale: presentation.film.stale || old.included },
    slides: presentation.slides.map((slide) => (slide.id === slideId ? outdated({ ...slide, narrative }) : slide)),
  };
}

/** A slide whose words are not those that were spoken. */
export function outdated(slide: Slide): Slide {
  return {
    ...slide,
    speech: slide.speech && { ...slide.speech, stale: true },
    avatarVideo: slide.avatarVideo && { ...slide.avatarVideo, stale: true },
  };
}
