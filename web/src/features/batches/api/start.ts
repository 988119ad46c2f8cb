import { api, content, once } from "@/api/client";
import type { BatchKind, BatchRequest } from "@/api/types";

/** What is asked of a batch; narratives edited by hand are written over only where that is said. */
export type Wish = BatchRequest & { overwriteEdits?: boolean };

/** Order a batch for many slides. What a kind has no use for is left out. */
export function startBatch(id: string, kind: BatchKind, wish: Wish): Promise<{ batchId: string }> {
  const params = { path: { presentation_id: id }, header: once() };
  const { overwriteEdits, ...request } = wish;
  const { selectedSlideIds, regenerateExisting, maxCostUsd, language, approach, style } = request;
  const words = { selectedSlideIds, regenerateExisting, maxCostUsd, language, approach, style };
  switch (kind) {
    case "all_slides_analysis":
      return content(api.POST("/api/presentations/{presentation_id}/analyze-all-slides", { params, body: words }));
    case "all_narratives_generation":
      return content(
        api.POST("/api/presentations/{presentation_id}/generate-all-narratives", {
          params,
          body: { ...words, overwriteEdits },
        }),
      );
    case "all_audio_generation": {
      const { provider, avatarId, voiceId } = request;
      const body = { ...words, provider, avatarId, voiceId };
      return content(api.POST("/api/presentations/{presentation_id}/generate-all-audio", { params, body }));
    }
    case "all_avatar_videos_generation":
      return content(
        api.POST("/api/presentations/{presentation_id}/generate-all-avatar-videos", { params, body: request }),
      );
    case "presentation_video":
      return content(api.POST("/api/presentations/{presentation_id}/make-film", { params, body: request }));
  }
}

/** Order the same for one slide; a film is no slide's own, so its avatar video is made. */
export function startForSlide(
  slideId: string,
  kind: BatchKind,
  regenerateExisting: boolean,
  wish: Wish = {},
): Promise<{ batchId: string }> {
  const params = { path: { slide_id: slideId }, header: once() };
  const { selectedSlideIds: _, overwriteEdits: __, ...request } = wish;
  const { maxCostUsd, language, approach, style, provider, avatarId, voiceId } = request;
  const words = { regenerateExisting, maxCostUsd, language, approach, style };
  switch (kind) {
    case "all_slides_analysis":
      return content(api.POST("/api/slides/{slide_id}/analysis", { params, body: words }));
    case "all_narratives_generation":
      return content(api.POST("/api/slides/{slide_id}/narrative", { params, body: words }));
    case "all_audio_generation":
      return content(
        api.POST("/api/slides/{slide_id}/audio", { params, body: { ...words, provider, avatarId, voiceId } }),
      );
    case "all_avatar_videos_generation":
    case "presentation_video":
      return content(
        api.POST("/api/slides/{slide_id}/avatar-video", { params, body: { ...request, regenerateExisting } }),
      );
  }
}
