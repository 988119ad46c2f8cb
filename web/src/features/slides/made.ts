import type { Slide, SlideStatus } from "@/api/types";
import type { Tone } from "@/components/ui/badge";
import type { Key } from "@/lib/words/en";

const AT_WORK = new Set(["pending", "submitting", "processing", "publishing"]);

export function isAtWork(status: SlideStatus | undefined): boolean {
  return status !== undefined && AT_WORK.has(status.status);
}

/** What most matters of a slide now, in a word: work and failures first, then what there is of it. */
export function standOf(slide: Slide, status: SlideStatus | undefined): { key: Key; tone: Tone } | null {
  if (!slide.included) return { key: "slide.leftOut", tone: "neutral" };
  if (isAtWork(status)) return { key: "state.working", tone: "accent" };
  if (status?.status === "failed" || status?.status === "timed_out") return { key: "status.failed", tone: "bad" };
  if (status?.status === "unresolved") return { key: "status.unresolved", tone: "warn" };
  if (slide.narrative?.stale || slide.speech?.stale || slide.avatarVideo?.stale) {
    return { key: "slide.stale", tone: "warn" };
  }
  if (slide.avatarVideo?.status === "completed") return { key: "slide.video", tone: "good" };
  if (slide.speech) return { key: "slide.spoken", tone: "good" };
  if (slide.narrative) return { key: "slide.written", tone: "neutral" };
  return null;
}
