import { answer, asked, refuse, type Asked } from "./server";
import { cleanup, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NarrativeEditor } from "@/features/slides/components/narrative-editor";
import { useDrafts } from "@/features/slides/drafts";
import { narrative, presentation, show } from "./a-presentation";

const PUT = "PUT /api/slides/s1/narrative";
const text = (call: Asked) => (call.body as { text: string }).text;
const saves = () => asked.filter((call) => call.method === "PUT");
const user = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
const field = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Narrative of “Revenue”" });

/** What the server makes of an edit: the next version, without white space around it. */
let version = 2;
const saved = (call: Asked) => narrative({ text: text(call).trim(), version: ++version, source: "edited" });

function editor() {
  return show(presentation(), (shown) => {
    const [slide] = shown.slides;
    return slide && <NarrativeEditor presentation={shown} slide={slide} status={undefined} />;
  });
}

beforeEach(() => {
  version = 2;
  vi.useFakeTimers({ shouldAdvanceTime: true });
  useDrafts.setState({ of: {} });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("the narrative editor", () => {
  it("keeps what is written by itself, once, a moment after the last key", async () => {
    answer({ [PUT]: saved });
    editor();
    await user().type(field(), " And next");
    expect(screen.getByText("Saving…")).toBeDefined();
    expect(saves()).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await screen.findByText("Saved")).toBeDefined();
    expect(saves().map((call) => call.body)).toEqual([
      { text: "Our year was good. And next", ifVersion: 2, language: null },
    ]);
  });

  it("says what is out of date the moment the words change, and takes it back with them", async () => {
    answer({ [PUT]: saved });
    editor();
    await user().type(field(), "!");
    expect(screen.getByText("Out of date until they are made anew: speech, avatar video, film")).toBeDefined();
    await user().type(field(), "{Backspace}");
    expect(screen.queryByText(/Out of date/)).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(saves()).toHaveLength(0);
  });

  it("leaves what is in the field alone while somebody writes in it", async () => {
    answer({ [PUT]: saved });
    editor();
    await user().type(field(), " And ");
    await vi.advanceTimersByTimeAsync(1000);
    await screen.findByText("Saved");
    await user().type(field(), "more");
    expect(field().value).toBe("Our year was good. And more");
    await vi.advanceTimersByTimeAsync(1000);
    await screen.findByText("Saved");
    expect(saves()[1]?.body).toMatchObject({ text: "Our year was good. And more", ifVersion: 3 });
  });

  it("loses nothing where it cannot be saved, and tries again", async () => {
    let lost = true;
    answer({
      [PUT]: (call) => {
        if (lost) throw new TypeError("network");
        return saved(call);
      },
    });
    const { unmount } = editor();
    await user().type(field(), " More");
    await vi.advanceTimersByTimeAsync(1000);
    expect((await screen.findByRole("alert")).textContent).toContain("What you wrote is still here");
    expect(screen.getByText("Not saved")).toBeDefined();
    unmount();
    editor();
    expect(field().value).toBe("Our year was good. More");
    lost = false;
    await vi.advanceTimersByTimeAsync(6000);
    expect(await screen.findByText("Saved")).toBeDefined();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("shows what somebody else wrote, and keeps mine over it only where I say so", async () => {
    const theirs = presentation();
    const words = narrative({ text: "Theirs.", version: 5, source: "edited" });
    theirs.slides = theirs.slides.map((slide) => ({ ...slide, narrative: words }));
    answer({
      [PUT]: (call) =>
        (call.body as { ifVersion: number }).ifVersion === 5 ? saved(call) : refuse(409, "narrative_changed", "changed", { version: 5 }),
      "GET /api/presentations/p1": () => theirs,
    });
    editor();
    await user().clear(field());
    await user().type(field(), "Mine.");
    await vi.advanceTimersByTimeAsync(1000);
    expect(await screen.findByText("Theirs.")).toBeDefined();
    expect(field().value).toBe("Mine.");
    version = 5;
    await user().click(screen.getByRole("button", { name: "Keep mine" }));
    expect(await screen.findByText("Saved")).toBeDefined();
    expect(saves().at(-1)?.body).toMatchObject({ text: "Mine.", ifVersion: 5 });
  });

  it("takes what somebody else wrote where I want that", async () => {
    const theirs = presentation();
    const words = narrative({ text: "Theirs.", version: 5, source: "edited" });
    theirs.slides = theirs.slides.map((slide) => ({ ...slide, narrative: words }));
    answer({
      [PUT]: () => refuse(409, "narrative_changed", "changed", { version: 5 }),
      "GET /api/presentations/p1": () => theirs,
    });
    editor();
    await user().type(field(), " Mine.");
    await vi.advanceTimersByTimeAsync(1000);
    await screen.findByText("Theirs.");
    await user().click(screen.getByRole("button", { name: "Take the newer one" }));
    expect(field().value).toBe("Theirs.");
    expect(saves()).toHaveLength(1);
  });
});
