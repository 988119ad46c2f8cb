import { api, content, once } from "@/api/client";
import type { BatchKind } from "@/api/types";
import { startForSlide } from "@/features/batches/api/start";

/** Have one thing of a slide made; `anew` also where it is up to date, and words that a person wrote are written over. */
export function makeForSlide(slideId: string, kind: BatchKind, anew: boolean): Promise<{ batchId: string }> {
  if (kind !== "all_narratives_generation") return startForSlide(slideId, kind, anew);
  return content(
    api.POST("/api/slides/{slide_id}/narrative", {
      params: { path: { slide_id: slideId }, header: once() },
      body: { regenerateExisting: anew, overwriteEdits: anew },
    }),
  );
}
