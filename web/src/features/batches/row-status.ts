import type { BatchKind, Slide, SlideStatus } from "@/api/types";

/** One slide of a batch, from the batch's own rows and what was told since. */
export interface RowStatus {
  slideId: string;
  slideNumber: number;
  step: string | null;
  status: string;
  reused: boolean;
  avatarVideoId: string | null;
  error: { code: string; message: string; retryable: boolean | null } | null;
  warnings?: { code: string; message: string }[];
  startedAt: string | null;
  endedAt: string | null;
  /** How many are before it at the provider, where the server says it: 1 is the next. */
  queuePosition?: number | null;
}

export type RowGroup = "working" | "failed" | "done";

const TROUBLED = new Set(["failed", "timed_out", "unresolved"]);

export function groupOf(row: Pick<RowStatus, "status" | "endedAt">): RowGroup {
  if (TROUBLED.has(row.status)) return "failed";
  return row.endedAt === null && row.status !== "skipped" && row.status !== "completed" ? "working" : "done";
}

export function merged(item: RowStatus, told: SlideStatus | undefined, batchId: string): RowStatus {
  if (told?.batchId !== batchId) return item;
  return { ...item, ...told, slideNumber: item.slideNumber, slideId: item.slideId };
}

/** What can be played of a row, in place. */
export function playableOf(row: RowStatus, slide: Slide | null, kind: BatchKind): { url: string; video: boolean } | null {
  if (row.status !== "completed" && row.status !== "skipped") return null;
  if (kind === "presentation_video" && slide?.clipUrl) return { url: slide.clipUrl, video: true };
  if (kind === "all_audio_generation" && slide?.speech) return { url: slide.speech.audioUrl, video: false };
  const video = slide?.avatarVideo;
  const made = kind === "all_avatar_videos_generation" && video?.status === "completed";
  return made ? { url: video.videoUrl, video: true } : null;
}
