import "./patience";
import { answer, asked } from "./server";
import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BatchDetail, BatchStatus, SlideStatus } from "@/api/types";
import { WatchDialog } from "@/features/batches/components/watch-dialog";
import { takeSnapshot, useLive } from "@/features/live/store";
import { presentation, show, slide } from "./a-presentation";

type Item = BatchDetail["items"][number];

const batch = (part: Partial<BatchStatus> = {}): BatchStatus => ({
  id: "b1",
  kind: "all_avatar_videos_generation",
  label: "All Avatar Videos Generation",
  state: "running",
  total: 2,
  completed: 0,
  failed: 0, skipped: 0, cancelled: 0,
  inProgress: 2,
  draining: 0,
  share: 0.25,
  etaS: [100, 200],
  costUsd: 0,
  createdAt: "2026-01-01T00:00:00Z", endedAt: null, cancelledAt: null,
  error: null, warnings: [],
  ...part,
});
const item = (part: Partial<Item> = {}): Item => ({
  slideId: "s1",
  slideNumber: 1,
  step: "avatar_video",
  status: "processing",
  reused: false,
  avatarVideoId: "a1",
  error: null,
  warnings: [],
  costUsd: 0,
  startedAt: "2026-01-01T00:00:00Z",
  endedAt: null,
  ...part,
});
const ended = { endedAt: "2026-01-01T00:02:00Z" };
const told = (part: Partial<SlideStatus>): SlideStatus => ({
  id: "s1",
  number: 1,
  position: 1,
  title: "",
  included: true,
  step: "avatar_video",
  status: "processing",
  batchId: "b1",
  avatarVideoId: "a1",
  reused: false,
  error: null,
  warnings: [],
  startedAt: "2026-01-01T00:00:00Z",
  endedAt: null,
  estimatedS: 4,
  costUsd: 0,
  queuePosition: null,
  ...part,
});
const state = { id: "p1", title: "Our year", state: "ready", importStep: "", error: null, updatedAt: "" } as const;
let seq = 0;

function tell(now: BatchStatus, slides: SlideStatus[] = []) {
  seq += 1;
  act(() => takeSnapshot("p1", { seq, presentation: state, batches: [now], slides }));
}

function watch(now: BatchStatus, items: Item[], answers: Parameters<typeof answer>[0] = {}) {
  const { share: _, etaS: __, draining: ___, ...kept } = now;
  const request = { provider: "heygen", maxCostUsd: 20 } as BatchDetail["request"];
  answer({ "GET /api/batches/b1": () => ({ ...kept, presentationId: "p1", request, items }), ...answers });
  tell(now);
  const deck = presentation([slide(), slide({ id: "s2", number: 2, position: 2, title: "Costs", avatarVideo: null })]);
  show(deck, (shown) => <WatchDialog presentation={shown} batchId="b1" onClose={() => undefined} />);
}
const row = async (title: string) => {
  const list = await screen.findByRole("list", { name: "Slides" });
  const found = within(list).getAllByRole("listitem").find((each) => each.textContent?.includes(title));
  if (!found) throw new Error(`no row for ${title}`);
  return within(found);
};

beforeEach(() => window.history.replaceState(null, "", "/presentations/p1/batches/b1"));
afterEach(() => {
  cleanup();
  useLive.setState({ of: {}, line: {} });
});

describe("a batch at work", () => {
  it("that is planned has a bar without a figure", async () => {
    watch(batch({ state: "planning", share: 0, etaS: null, inProgress: 0 }), []);
    expect((await screen.findAllByText("Looking at what is there already")).length).toBeGreaterThan(0);
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBeNull();
  });
  it("moves with what is told, without asking again", async () => {
    watch(batch(), [item(), item({ slideId: "s2", slideNumber: 2, status: "pending", startedAt: null })]);
    await row("Revenue");
    const calls = asked.length;
    tell(batch({ completed: 1, share: 0.75, costUsd: 1.5 }), [told({ status: "completed", ...ended })]);
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("75");
    expect((await row("Revenue")).getByText("Completed")).toBeDefined();
    expect(screen.getByText("$1.50 so far, of at most $20.00")).toBeDefined();
    expect(document.title).toContain("(1/2)");
    expect(asked.length).toBe(calls);
  });
  it("says who waits in which place, where the server knows", async () => {
    watch(batch(), [item({ slideId: "s2", status: "pending", startedAt: null })]);
    await row("Costs");
    tell(batch(), [told({ id: "s2", status: "pending", startedAt: null, queuePosition: 3 })]);
    expect((await row("Costs")).getByText("3rd in line")).toBeDefined();
  });
  it("is stopped only when that was confirmed, and says what may still be charged", async () => {
    watch(batch(), [item()], { "POST /api/batches/b1/cancel": () => ({ draining: 1, mayStillBeChargedUsd: 0.8 }) });
    await userEvent.click(await screen.findByRole("button", { name: "Stop the batch" }));
    expect(asked.some((each) => each.method === "POST")).toBe(false);
    const sure = await screen.findByRole("dialog", { name: "Stop this batch?" });
    await userEvent.click(within(sure).getByRole("button", { name: "Stop the batch" }));
    expect(await screen.findByText("Up to $0.80 may still be charged.")).toBeDefined();
    tell(batch({ cancelledAt: "2026-01-01T00:01:00Z", draining: 1 }));
    expect(screen.getByText("Stopping: 1 slide is brought to its end, because it is paid for.")).toBeDefined();
  });
});

describe("a batch that has ended", () => {
  it("completed: says so, and what it cost", async () => {
    watch(batch({ state: "completed", completed: 2, inProgress: 0, share: 1, costUsd: 3, ...ended }), [
      item({ status: "completed", ...ended }),
    ]);
    expect(await screen.findByText("All 2 slides are ready.")).toBeDefined();
    expect(screen.getByText("$3.00 in all")).toBeDefined();
    expect((await row("Revenue")).getByRole("button", { name: "Play slide 1" })).toBeDefined();
  });
  it("partly: names each reason in the page's words, and tries the failed ones again", async () => {
    const error = { code: "provider_render_failed", message: "rendering_failed: --x", retryable: true };
    watch(
      batch({ state: "partial", completed: 1, failed: 1, inProgress: 0, share: 1, ...ended }),
      [item({ status: "completed", ...ended }), item({ slideId: "s2", status: "failed", error, ...ended })],
      { "POST /api/batches/b1/retry-failed": () => ({ batchId: "b2" }) },
    );
    const failed = await row("Costs");
    expect(failed.getByText("The provider could not make this video. Failed videos are not charged.")).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Retry failed (1)" }));
    await waitFor(() => expect(window.location.pathname).toBe("/presentations/p1/batches/b2"));
  });
  it("failed: says that nothing came out, and commands are left out of its reasons", async () => {
    const error = { code: "brand_new", message: "It broke. Run it again with DECKCAST_LOG_LEVEL=ERROR.", retryable: true };
    watch(batch({ state: "failed", failed: 1, total: 1, inProgress: 0, ...ended }), [item({ status: "failed", error, ...ended })]);
    expect(await screen.findByText("None of the slides came out. Why stands beside each.")).toBeDefined();
    expect((await row("Revenue")).getByText("It broke.")).toBeDefined();
  });
  it("cancelled: says what stays", async () => {
    watch(batch({ state: "cancelled", completed: 1, cancelled: 1, inProgress: 0, ...ended }), [
      item({ status: "cancelled", ...ended }),
    ]);
    expect(await screen.findByText("Stopped. 1 finished slide stays.")).toBeDefined();
    expect(screen.queryByRole("button", { name: "Stop the batch" })).toBeNull();
  });
  it("that is not there any more has a way on", async () => {
    answer({});
    show(presentation(), (shown) => <WatchDialog presentation={shown} batchId="b1" onClose={() => undefined} />);
    expect(await screen.findByText("This batch is not there any more.")).toBeDefined();
    expect(screen.getByRole("link", { name: "AI Actions" })).toBeDefined();
  });
});

describe("a paid call whose answer was lost", () => {
  const video = { id: "a1", slideId: "s1", slideNumber: 1, status: "unresolved", provider: "heygen", createdAt: "2026-01-01T00:00:00Z" };
  const lost = () =>
    watch(
      batch({ state: "partial", failed: 1, inProgress: 0, ...ended }),
      [item({ status: "unresolved", ...ended })],
      { "GET /api/avatar-videos/a1": () => video, "POST /api/avatar-videos/a1/resolve": () => ({ ...video, status: "failed" }) },
    );
  it("is explained, and settled as not made", async () => {
    lost();
    await userEvent.click((await row("Revenue")).getByRole("button", { name: "Settle slide 1" }));
    const dialog = within(await screen.findByRole("dialog", { name: "What became of this video?" }));
    expect(dialog.getByRole("button", { name: "Settle it" })).toHaveProperty("disabled", true);
    await userEvent.click(dialog.getByRole("radio", { name: /It is not there/ }));
    await userEvent.click(dialog.getByRole("button", { name: "Settle it" }));
    expect(await dialog.findByText("Settled. Retry the slide to go on with it.")).toBeDefined();
    expect(asked.find((each) => each.method === "POST")?.body).toEqual({ notMade: true });
  });
  it("or by the provider's own id", async () => {
    lost();
    await userEvent.click((await row("Revenue")).getByRole("button", { name: "Settle slide 1" }));
    const dialog = within(await screen.findByRole("dialog", { name: "What became of this video?" }));
    await userEvent.click(dialog.getByRole("radio", { name: /It is there/ }));
    await userEvent.type(dialog.getByRole("textbox"), " vid_7 ");
    await userEvent.click(dialog.getByRole("button", { name: "Settle it" }));
    await waitFor(() => expect(asked.find((each) => each.method === "POST")?.body).toEqual({ jobId: "vid_7" }));
  });
});
