import type { BatchKind, Slide, SlideStatus } from "@/api/types";
import type { Tone } from "@/components/ui/badge";
import type { Key } from "@/lib/words/en";

const AT_WORK = new Set(["pending", "submitting", "processing", "publishing"]);

export function isAtWork(status: SlideStatus | undefined): boolean {
  return status !== undefined && AT_WORK.has(status.status);
}

const STEPS: Partial<Record<BatchKind, string[]>> = {
  all_slides_analysis: ["analysis"],
  all_narratives_generation: ["narrative"],
  all_audio_generation: ["speech"],
  all_avatar_videos_generation: ["avatar_video", "clip"],
};

/** What would have to be made again where a step of it failed. */
export function kindOf(step: string | null | undefined): BatchKind | null {
  const kinds = Object.keys(STEPS) as BatchKind[];
  return kinds.find((kind) => STEPS[kind]?.includes(step ?? "")) ?? null;
}

/** Whether this very thing of the slide is at work, and not one before or after it. */
export function isMaking(status: SlideStatus | undefined, kind: BatchKind): boolean {
  return isAtWork(status) && (STEPS[kind]?.includes(status?.step ?? "") ?? false);
}

/** Whether something that was made of the slide is not as it would be made now. */
export function isStale(slide: Slide): boolean {
  return [slide.narrative, slide.speech, slide.avatarVideo].some((made) => made?.stale);
}

/** What most matters of a slide now, in a word: work and failures first, then what there is of it. */
export function standOf(slide: Slide, status: SlideStatus | undefined): { key: Key; tone: Tone } | null {
  if (!slide.included) return { key: "slide.leftOut", tone: "neutral" };
  if (isAtWork(status)) return { key: status?.startedAt ? "state.working" : "status.pending", tone: "accent" };
  if (status?.status === "unresolved") return { key: "status.unresolved", tone: "warn" };
  if (status?.status === "failed" || status?.status === "timed_out") return { key: `status.${status.status}`, tone: "bad" };
  if (isStale(slide)) return { key: "slide.stale", tone: "warn" };
  if (slide.avatarVideo?.status === "completed") return { key: "slide.video", tone: "good" };
  if (slide.speech) return { key: "slide.spoken", tone: "good" };
  if (slide.narrative) return { key: "slide.written", tone: "neutral" };
  return null;
}
