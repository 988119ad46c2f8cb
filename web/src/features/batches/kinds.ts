import { AudioLines, Clapperboard, Film, PenLine, ScanSearch, type LucideIcon } from "lucide-react";
import type { BatchKind } from "@/api/types";

/** The five actions, in the order in which their results are needed. */
export const KINDS: { kind: BatchKind; Icon: LucideIcon }[] = [
  { kind: "all_slides_analysis", Icon: ScanSearch },
  { kind: "all_narratives_generation", Icon: PenLine },
  { kind: "all_audio_generation", Icon: AudioLines },
  { kind: "all_avatar_videos_generation", Icon: Clapperboard },
  { kind: "presentation_video", Icon: Film },
];

export function isKind(text: string | null): text is BatchKind {
  return KINDS.some(({ kind }) => kind === text);
}

/** Whether a kind has somebody present, so that who and on what ground can be chosen. */
export function hasPresenter(kind: BatchKind): boolean {
  return kind === "all_avatar_videos_generation" || kind === "presentation_video";
}

const OPEN = new Set(["planning", "running"]);

export function isOpen(batch: { state: string; endedAt?: string | null; draining?: number }): boolean {
  return OPEN.has(batch.state) || (batch.draining ?? 0) > 0;
}
