import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import type { Slide } from "@/api/types";
import { BatchRow } from "@/features/batches/components/batch-row";
import type { RowStatus } from "@/features/batches/row-status";
import { BatchSummary, type Watched } from "@/features/batches/components/batch-summary";

const slide: Slide = {
  id: "s1",
  presentationId: "p1",
  number: 3,
  position: 2,
  title: "Revenue",
  notes: "",
  language: "en",
  included: true,
  hidden: false,
  imageUrl: null,
  clipUrl: null,
  warnings: [],
  analysis: null,
  narrative: null,
  speech: null,
  avatarVideo: { id: "a1", status: "completed", provider: "local", durationS: 3, stale: false, videoUrl: "/v" },
};
const status: RowStatus = {
  slideId: "s1",
  slideNumber: 3,
  step: "avatar_video",
  status: "processing",
  reused: false,
  avatarVideoId: "a1",
  error: null,
  startedAt: "2026-01-01T00:00:00Z",
  endedAt: null,
};
const now = Date.parse("2026-01-01T00:01:05Z");

function row(part: Partial<RowStatus>, busy = false) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <BatchRow
        presentationId="p1"
        status={{ ...status, ...part }}
        slide={slide}
        kind="all_avatar_videos_generation"
        now={now}
        busy={busy}
      />
    </QueryClientProvider>,
  );
}
afterEach(cleanup);

describe("a row of a batch", () => {
  it("at work says its step and how long, and offers nothing to press", () => {
    row({});
    expect(screen.getByText("Being made")).toBeDefined();
    expect(screen.getByText("1:05")).toBeDefined();
    expect(screen.queryByRole("button")).toBeNull();
  });
  it("that failed says why and can be tried again once the batch has ended", () => {
    const error = { code: "render_failed", message: "The provider could not render it.", retryable: true };
    row({ status: "failed", endedAt: "2026-01-01T00:00:30Z", error });
    expect(screen.getByText("The provider could not render it.")).toBeDefined();
    expect(screen.getByRole("button", { name: "Retry slide 2" })).toHaveProperty("disabled", false);
  });
  it("cannot be tried again while the batch runs", () => {
    row({ status: "failed", endedAt: "2026-01-01T00:00:30Z" }, true);
    expect(screen.getByRole("button", { name: "Retry slide 2" })).toHaveProperty("disabled", true);
  });
  it("that is completed can be played in place", async () => {
    row({ status: "completed", endedAt: "2026-01-01T00:00:30Z" });
    await userEvent.click(screen.getByRole("button", { name: "Play slide 2" }));
    expect(document.querySelector("video")?.getAttribute("src")).toBe("/v");
  });
});

const batch: Watched = {
  id: "b1",
  kind: "all_avatar_videos_generation",
  label: "",
  state: "running",
  total: 24,
  completed: 5,
  failed: 1,
  skipped: 2,
  cancelled: 0,
  inProgress: 16,
  draining: 0,
  share: 0.46,
  etaS: [300, 500],
  costUsd: 1.32,
  createdAt: "2026-01-01T00:00:00Z",
  endedAt: null,
  cancelledAt: null,
  error: null,
};

describe("the summary of a batch", () => {
  it("has one bar by share, counts, a range of time left and money", () => {
    render(<BatchSummary batch={batch} />);
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("46");
    expect(screen.getAllByText("7 of 24 done, 1 failed, 2 were up to date").length).toBeGreaterThan(0);
    expect(screen.getByText("5 to 9 minutes left")).toBeDefined();
    expect(screen.getByText("$1.32 so far")).toBeDefined();
  });
  it("invents no time left", () => {
    render(<BatchSummary batch={{ ...batch, etaS: null }} />);
    expect(screen.getByText("Time left is not known yet")).toBeDefined();
  });
  it("says how long it took once it has ended", () => {
    render(<BatchSummary batch={{ ...batch, state: "partial", endedAt: "2026-01-01T00:02:00Z" }} />);
    expect(screen.getByText("Took 2:00")).toBeDefined();
  });
});
