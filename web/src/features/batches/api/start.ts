import { api, content, once } from "@/api/client";
import type { BatchKind, BatchRequest } from "@/api/types";

/** Order a batch for many slides. What a kind has no use for is left out. */
export function startBatch(id: string, kind: BatchKind, request: BatchRequest): Promise<{ batchId: string }> {
  const params = { path: { presentation_id: id }, header: once() };
  const { selectedSlideIds, regenerateExisting, maxCostUsd, provider, avatarId, voiceId } = request;
  const words = { selectedSlideIds, regenerateExisting, maxCostUsd };
  switch (kind) {
    case "all_slides_analysis":
      return content(api.POST("/api/presentations/{presentation_id}/analyze-all-slides", { params, body: words }));
    case "all_narratives_generation":
      return content(api.POST("/api/presentations/{presentation_id}/generate-all-narratives", { params, body: words }));
    case "all_audio_generation":
      return content(
        api.POST("/api/presentations/{presentation_id}/generate-all-audio", {
          params,
          body: { ...words, provider, avatarId, voiceId },
        }),
      );
    case "all_avatar_videos_generation":
      return content(
        api.POST("/api/presentations/{presentation_id}/generate-all-avatar-videos", { params, body: request }),
      );
    case "presentation_video":
      return content(api.POST("/api/presentations/{presentation_id}/make-film", { params, body: request }));
  }
}

/** Order the same for one slide; a film is no slide's own, so its avatar video is made. */
export function startForSlide(slideId: string, kind: BatchKind, regenerateExisting: boolean): Promise<{ batchId: string }> {
  const params = { path: { slide_id: slideId }, header: once() };
  const body = { regenerateExisting };
  switch (kind) {
    case "all_slides_analysis":
      return content(api.POST("/api/slides/{slide_id}/analysis", { params, body }));
    case "all_narratives_generation":
      return content(api.POST("/api/slides/{slide_id}/narrative", { params, body }));
    case "all_audio_generation":
      return content(api.POST("/api/slides/{slide_id}/audio", { params, body }));
    case "all_avatar_videos_generation":
    case "presentation_video":
      return content(api.POST("/api/slides/{slide_id}/avatar-video", { params, body }));
  }
}
