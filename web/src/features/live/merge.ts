/** How what the socket says is put into what is known: tolerant of repeated, old and missing messages. */
import type {
  BatchStatus,
  ChangeMessage,
  PresentationState,
  ProgressMessage,
  SlideStatus,
  Snapshot,
} from "@/api/types";

export interface LiveStatus {
  seq: number;
  presentation: PresentationState;
  batches: BatchStatus[];
  slides: Record<string, SlideStatus>;
}

export function fromSnapshot(known: LiveStatus | null, snapshot: Snapshot): LiveStatus {
  if (known !== null && snapshot.seq < known.seq) return known;
  return {
    seq: snapshot.seq,
    presentation: snapshot.presentation,
    batches: snapshot.batches,
    slides: byId(snapshot.slides),
  };
}

/** What is known with a change put in; "gap" where something before it was missed. */
export function withChange(known: LiveStatus | null, change: ChangeMessage): LiveStatus | "gap" {
  if (known === null || change.since > known.seq + 1) return "gap";
  if (change.seq <= known.seq) return known;
  return {
    seq: change.seq,
    presentation: change.presentation ?? known.presentation,
    batches: change.whole ? change.batches : mergeBatches(known.batches, change.batches),
    slides: change.whole ? byId(change.slides) : { ...known.slides, ...byId(change.slides) },
  };
}

/** Shares and times as they move with the clock; what is older than what is known says nothing. */
export function withProgress(known: LiveStatus | null, progress: ProgressMessage): LiveStatus | null {
  if (known === null || progress.seq < known.seq) return known;
  return { ...known, batches: mergeBatches(known.batches, progress.batches) };
}

function mergeBatches(known: BatchStatus[], changed: BatchStatus[]): BatchStatus[] {
  const fresh = new Map(changed.map((batch) => [batch.id, batch]));
  const kept = known.map((batch) => fresh.get(batch.id) ?? batch);
  const ids = new Set(known.map((batch) => batch.id));
  const added = changed.filter((batch) => !ids.has(batch.id));
  return added.length === 0 ? kept : [...added, ...kept].sort(newestFirst);
}

function newestFirst(a: BatchStatus, b: BatchStatus): number {
  return b.createdAt.localeCompare(a.createdAt);
}

function byId(slides: SlideStatus[]): Record<string, SlideStatus> {
  return Object.fromEntries(slides.map((slide) => [slide.id, slide]));
}
