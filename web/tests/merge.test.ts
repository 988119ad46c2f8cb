import { describe, expect, it } from "vitest";
import type { BatchStatus, ChangeMessage, PresentationState, SlideStatus, Snapshot } from "@/api/types";
import { fromSnapshot, withChange, withProgress, type LiveStatus } from "@/features/live/merge";

const batch = (id: string, part: Partial<BatchStatus> = {}): BatchStatus => ({
  id,
  kind: "all_audio_generation",
  label: "All Audio Generation",
  state: "running",
  total: 3,
  completed: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
  inProgress: 3,
  draining: 0,
  share: 0,
  etaS: null,
  costUsd: 0,
  createdAt: "2026-01-01T00:00:00Z",
  endedAt: null,
  cancelledAt: null,
  error: null,
  warnings: [],
  ...part,
});
const slide = (id: string, status: SlideStatus["status"]): SlideStatus => ({
  id,
  number: 1,
  position: 1,
  title: id,
  included: true,
  step: "speech",
  status,
  batchId: "b1",
  avatarVideoId: null,
  reused: false,
  error: null,
  warnings: [],
  startedAt: null,
  endedAt: null,
  estimatedS: 1,
  costUsd: 0,
  queuePosition: null,
});
const presentation: PresentationState = { id: "p", title: "P", state: "ready", importStep: "", error: null, updatedAt: "" };
const snapshot = (seq: number, status: SlideStatus["status"] = "pending"): Snapshot => ({
  seq,
  presentation,
  batches: [batch("b1")],
  slides: [slide("s1", status), slide("s2", status)],
});
const change = (since: number, seq: number, part: Partial<ChangeMessage> = {}): ChangeMessage => ({
  type: "change",
  since,
  seq,
  whole: false,
  events: [],
  presentation: null,
  batches: [],
  slides: [],
  ...part,
});

function known(): LiveStatus {
  return fromSnapshot(null, snapshot(10));
}
function put(status: LiveStatus, message: ChangeMessage): LiveStatus {
  const next = withChange(status, message);
  if (next === "gap") throw new Error("a gap");
  return next;
}

describe("a snapshot", () => {
  it("is what is known at first", () => {
    expect(known().slides.s1?.status).toBe("pending");
    expect(known().seq).toBe(10);
  });
  it("that is older than what is known changes nothing", () => {
    const status = known();
    expect(fromSnapshot(status, snapshot(9, "failed"))).toBe(status);
  });
  it("of the same number is taken: shares move with the clock", () => {
    const moved = { ...snapshot(10), batches: [batch("b1", { share: 0.5 })] };
    expect(fromSnapshot(known(), moved).batches[0]?.share).toBe(0.5);
  });
});

describe("a change", () => {
  it("replaces what it names and nothing else", () => {
    const next = put(known(), change(11, 11, { slides: [slide("s1", "completed")] }));
    expect(next.slides.s1?.status).toBe("completed");
    expect(next.slides.s2?.status).toBe("pending");
    expect(next.seq).toBe(11);
  });
  it("that comes again changes nothing", () => {
    const once = put(known(), change(11, 12, { slides: [slide("s1", "completed")] }));
    expect(put(once, change(11, 12, { slides: [slide("s1", "failed")] }))).toBe(once);
  });
  it("that comes late, after a newer one, changes nothing", () => {
    const newer = put(known(), change(11, 13, { slides: [slide("s1", "completed")] }));
    expect(put(newer, change(11, 12, { slides: [slide("s1", "processing")] }))).toBe(newer);
  });
  it("that overlaps with what is known is taken", () => {
    const first = put(known(), change(11, 12, { slides: [slide("s1", "processing")] }));
    const next = put(first, change(12, 14, { slides: [slide("s1", "completed")] }));
    expect(next.slides.s1?.status).toBe("completed");
    expect(next.seq).toBe(14);
  });
  it("after one that was missed is a gap", () => {
    expect(withChange(known(), change(12, 12))).toBe("gap");
    expect(withChange(null, change(1, 1))).toBe("gap");
  });
  it("that is whole drops what it does not name", () => {
    const next = put(known(), change(11, 11, { whole: true, slides: [slide("s2", "idle")] }));
    expect(Object.keys(next.slides)).toEqual(["s2"]);
    expect(next.batches).toEqual([]);
  });
  it("with a new batch puts it before older ones", () => {
    const added = batch("b2", { createdAt: "2026-01-02T00:00:00Z" });
    const next = put(known(), change(11, 11, { batches: [added] }));
    expect(next.batches.map((each) => each.id)).toEqual(["b2", "b1"]);
  });
});

describe("progress", () => {
  it("moves shares without a new number", () => {
    const next = withProgress(known(), { type: "progress", seq: 10, batches: [batch("b1", { share: 0.4 })] });
    expect(next?.batches[0]?.share).toBe(0.4);
    expect(next?.seq).toBe(10);
  });
  it("from before what is known changes nothing", () => {
    const status = known();
    expect(withProgress(status, { type: "progress", seq: 9, batches: [batch("b1", { share: 0.1 })] })).toBe(status);
  });
});
