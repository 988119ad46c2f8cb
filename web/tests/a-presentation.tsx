import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import type { Narrative, Presentation, Slide } from "@/api/types";
import { makeQueries } from "@/app/queries";
import { presentationQuery } from "@/features/presentation/api/presentation";

export const narrative = (part: Partial<Narrative> = {}): Narrative => ({
  text: "Our year was good.",
  language: "en",
  version: 2,
  source: "notes",
  style: "business",
  estimatedS: 4,
  stale: false,
  editedBeforeChange: false,
  warnings: [],
  createdAt: "2026-01-01T00:00:00Z",
  ...part,
});

export const slide = (part: Partial<Slide> = {}): Slide => ({
  id: "s1",
  presentationId: "p1",
  number: 1,
  position: 1,
  title: "Revenue",
  notes: "",
  language: "en",
  included: true,
  hidden: false,
  imageUrl: null,
  clipUrl: null,
  warnings: [],
  analysis: null,
  narrative: narrative(),
  speech: { audioUrl: "/audio", durationS: 4, language: "en", voice: "v", stale: false },
  avatarVideo: { id: "a1", status: "completed", provider: "local", durationS: 5, stale: false, videoUrl: "/v" },
  ...part,
});

export const presentation = (slides: Slide[] = [slide()]): Presentation => ({
  id: "p1",
  title: "Our year",
  author: "",
  language: "en",
  state: "ready",
  importStep: "",
  deckName: "year.pptx",
  deckSizeBytes: 1000,
  error: null,
  warnings: [],
  choices: { provider: null, avatars: {}, voice: null, language: null, approach: null, style: null, background: null, layout: null, corner: null, shape: null, size: null, aiMark: null },
  seq: 1,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  slides,
  film: {
    id: "f1",
    durationS: 5,
    stale: false,
    videoUrl: "/f",
    posterUrl: "/p",
    captions: { language: "en", vttUrl: "/vtt", srtUrl: "/srt" },
    chapters: [],
    createdAt: "2026-01-01T00:00:00Z",
  },
});

/** Shows a part of the page with a presentation that is known already. */
export function show(known: Presentation, part: (shown: Presentation) => ReactNode) {
  const queries = makeQueries();
  queries.setQueryData(presentationQuery(known.id).queryKey, known);
  function Shown() {
    const { data } = useQuery({ ...presentationQuery(known.id), staleTime: Infinity });
    return data && part(data);
  }
  const shown = render(
    <QueryClientProvider client={queries}>
      <Shown />
    </QueryClientProvider>,
  );
  return { queries, ...shown };
}
