import { answer, asked, refuse } from "./server";
import { cleanup, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import type { AvatarVideo } from "@/api/types";
import { Attempts } from "@/features/slides/components/attempts";
import { presentation, show, slide } from "./a-presentation";

const LIST = "GET /api/presentations/p1/avatar-videos";
const attempt = (part: Partial<AvatarVideo>): AvatarVideo => ({
  id: "a1",
  slideId: "s1",
  slideNumber: 1,
  batchId: "b1",
  status: "completed",
  provider: "heygen",
  providerVideoId: null,
  providerMetadata: {},
  durationS: 12,
  costUsd: 0.62,
  error: null,
  videoUrl: "/v",
  stale: false,
  createdAt: "2026-01-02T10:00:00Z",
  ...part,
});
const failed = attempt({
  id: "a2",
  status: "failed",
  costUsd: 0,
  durationS: null,
  videoUrl: null,
  error: { code: "provider_render_failed", message: "HeyGen could not make this video.", retryable: true },
});
const list = () => show(presentation(), () => <Attempts presentationId="p1" slide={slide()} />);
const opener = () => screen.findByRole("button", { name: /Attempts/ });
afterEach(cleanup);

describe("the attempts at an avatar video", () => {
  it("say what became of each, by whom, at what price, and why not", async () => {
    answer({ [LIST]: () => ({ items: [failed, attempt({})], nextCursor: null }) });
    list();
    expect((await opener()).textContent).toContain("(2)");
    expect((await opener()).getAttribute("aria-expanded")).toBe("false");
    await userEvent.click(await opener());
    const [first, second] = screen.getAllByRole("listitem").map((row) => within(row));
    expect(first?.getByText("Failed")).toBeDefined();
    expect(first?.getByText("HeyGen could not make this video.")).toBeDefined();
    expect(first?.getByText("No costs")).toBeDefined();
    expect(second?.getByText("In use")).toBeDefined();
    expect(second?.getByText("$0.62")).toBeDefined();
    expect(second?.getByText("HeyGen")).toBeDefined();
    expect(asked[0]?.query.get("slideId")).toBe("s1");
  });
  it("stand open where one waits for a person, who can settle it there", async () => {
    const open = attempt({ id: "a3", status: "unresolved", costUsd: 0, videoUrl: null, durationS: null });
    answer({ [LIST]: () => ({ items: [open], nextCursor: null }), "GET /api/avatar-videos/a3": () => open });
    list();
    await userEvent.click(await screen.findByRole("button", { name: "Settle it" }));
    expect(await screen.findByRole("dialog", { name: "What became of this video?" })).toBeDefined();
    expect(screen.queryByText("No costs")).toBeNull();
  });
  it("come page by page", async () => {
    answer({
      [LIST]: ({ query }) =>
        query.get("cursor") === "next" ? { items: [failed], nextCursor: null } : { items: [attempt({})], nextCursor: "next" },
    });
    list();
    await userEvent.click(await opener());
    expect((await opener()).textContent).toContain("(1+)");
    await userEvent.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByText("Failed")).toBeDefined();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });
  it("can be asked for again where they did not come", async () => {
    let refused = true;
    answer({ [LIST]: () => (refused ? refuse(422, "internal", "The list did not come.") : { items: [failed], nextCursor: null }) });
    list();
    await userEvent.click(await opener());
    expect(screen.getByRole("alert").textContent).toContain("The list did not come.");
    refused = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Failed")).toBeDefined();
  });
});
