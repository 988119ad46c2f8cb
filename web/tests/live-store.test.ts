import { afterEach, describe, expect, it } from "vitest";
import type { ChangeMessage, SlideStatus, Snapshot } from "@/api/types";
import { statusOf, take, takeSnapshot, useLive } from "@/features/live/store";

const STEPS = ["pending", "submitting", "processing", "publishing", "completed"] as const;
const slide = (status: SlideStatus["status"]) => ({ id: "s1", status }) as SlideStatus;
const state = { id: "p1", title: "", state: "ready", importStep: "", error: null, updatedAt: "" } as const;
const snapshot = (seq: number): Snapshot => ({
  seq,
  presentation: state,
  batches: [],
  slides: [slide(STEPS[seq] ?? "completed")],
});
const change = (seq: number): ChangeMessage => ({
  type: "change",
  since: seq,
  seq,
  whole: false,
  events: [{ seq, kind: "slide.changed", slideId: "s1" }],
  presentation: null,
  batches: [],
  slides: [slide(STEPS[seq] ?? "completed")],
});

/** Numbers from 0 to 1 that are the same for the same seed. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

afterEach(() => useLive.setState({ of: {}, line: {} }));

describe("the live store", () => {
  it("ends where the server is, in whatever order and how often its messages come", () => {
    for (let seed = 0; seed < 300; seed += 1) {
      useLive.setState({ of: {}, line: {} });
      const random = randoms(seed);
      const messages = [1, 2, 3, 4].flatMap((seq) => Array.from({ length: 1 + Math.floor(random() * 3) }, () => change(seq)));
      messages.sort(() => random() - 0.5);
      takeSnapshot("p1", snapshot(0));
      let seen = 0;
      for (const message of messages) {
        if (take("p1", message) === "gap") takeSnapshot("p1", snapshot(message.seq)); // what the page does: it asks
        const now = statusOf("p1")?.seq ?? -1;
        expect(now).toBeGreaterThanOrEqual(seen);
        seen = now;
        expect(statusOf("p1")?.slides.s1?.status).toBe(STEPS[now]);
      }
      expect(seen).toBe(4);
    }
  });
  it("tells each event once, also where its message comes again", () => {
    takeSnapshot("p1", snapshot(0));
    expect(take("p1", change(1))).toHaveLength(1);
    expect(take("p1", change(1))).toEqual([]);
  });
  it("does not wake anybody for what changes nothing", () => {
    takeSnapshot("p1", snapshot(2));
    const before = useLive.getState();
    take("p1", change(1));
    take("p1", { type: "progress", seq: 1, batches: [] });
    takeSnapshot("p1", snapshot(1));
    expect(useLive.getState()).toBe(before);
  });
  it("asks anew after a snapshot that says something else, and leaves other presentations alone", () => {
    takeSnapshot("p2", snapshot(1));
    takeSnapshot("p1", snapshot(1));
    expect(take("p1", { ...snapshot(3), type: "snapshot" })).toBeNull();
    expect(take("p1", { ...snapshot(3), type: "snapshot" })).toEqual([]);
    expect(statusOf("p2")?.seq).toBe(1);
  });
});
