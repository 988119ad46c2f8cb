import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { asRefusal } from "@/api/refusal";
import type { Presentation, Slide } from "@/api/types";
import { presentationQuery } from "@/features/presentation/api/presentation";
import { editNarrative } from "@/features/slides/api/narrative";

const AUTOSAVE_MS = 900;

/** What is being written for a slide: kept by itself a moment after the last key, and never over another's edit. */
export function useDraft(presentationId: string, slide: Slide) {
  const queries = useQueryClient();
  const known = slide.narrative;
  const [draft, setDraft] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef<string | null>(null);
  latest.current = draft;

  const save = useMutation({
    scope: { id: `narrative-${slide.id}` },
    mutationFn: async (text: string) => {
      const shown = queries.getQueryData(presentationQuery(presentationId).queryKey);
      const version = shown?.slides.find((each) => each.id === slide.id)?.narrative?.version ?? null;
      return editNarrative(slide.id, text, version, null);
    },
    onSuccess: (narrative, text) => {
      queries.setQueryData(presentationQuery(presentationId).queryKey, (shown: Presentation | undefined) =>
        shown && {
          ...shown,
          slides: shown.slides.map((each) => (each.id === slide.id ? { ...each, narrative } : each)),
        },
      );
      setDraft((now) => (now === text ? null : now));
    },
  });

  function write(text: string) {
    setDraft(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => save.mutate(text), AUTOSAVE_MS);
  }
  function keepNow() {
    if (latest.current === null) return;
    clearTimeout(timer.current);
    save.mutate(latest.current);
  }
  function drop() {
    clearTimeout(timer.current);
    setDraft(null);
    save.reset();
    void queries.invalidateQueries({ queryKey: ["presentation", presentationId] });
  }
  const keep = useRef(keepNow);
  keep.current = keepNow;
  useEffect(() => () => keep.current(), []); // leaving the slide keeps what was written

  const refusal = save.isError ? asRefusal(save.error) : null;
  return {
    text: draft ?? known?.text ?? "",
    write,
    keepNow,
    drop,
    state: refusal ? "refused" : save.isPending || draft !== null ? "saving" : save.isSuccess ? "saved" : "idle",
    refusal,
  } as const;
}
