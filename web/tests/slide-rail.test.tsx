import { answer, asked } from "./server";
import { cleanup, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Slide } from "@/api/types";
import { SlidesTab } from "@/features/slides/components/slides-tab";
import { presentation, show, slide } from "./a-presentation";

const titled = (id: string, title: string, part: Partial<Slide> = {}) => slide({ id, title, ...part });
const three = () => presentation([titled("s1", "One"), titled("s2", "Two"), titled("s3", "Three")]);
const rail = () => screen.getByRole("list", { name: "Slides" });
const order = () => within(rail()).getAllByRole("link").map((row) => row.dataset.slide);
const ATTEMPTS = { "GET /api/presentations/p1/avatar-videos": () => ({ items: [], nextCursor: null }) };
const tab = (shown: ReturnType<typeof presentation>) => show(shown, (known) => <SlidesTab presentation={known} slideId="s1" />);

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  Element.prototype.scrollIntoView = vi.fn();
});
afterEach(cleanup);

describe("the list of slides", () => {
  it("is put in order by keyboard, at once, said aloud, and with the focus kept", async () => {
    answer({ ...ATTEMPTS, "PATCH /api/presentations/p1": () => new Promise(() => undefined) });
    tab(three());
    within(rail()).getByRole("link", { name: /One/ }).focus();
    await userEvent.keyboard("{Alt>}{ArrowDown}{/Alt}");
    expect(order()).toEqual(["s2", "s1", "s3"]);
    expect(screen.getByText("One: now 2 of 3").getAttribute("role")).toBe("status");
    expect(document.activeElement?.getAttribute("data-slide")).toBe("s1");
    await vi.waitFor(() => expect(asked.find((call) => call.method === "PATCH")?.body).toEqual({ order: ["s2", "s1", "s3"] }));
  });
  it("is gone through by the arrows", async () => {
    answer(ATTEMPTS);
    tab(three());
    within(rail()).getByRole("link", { name: /One/ }).focus();
    await userEvent.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement?.getAttribute("data-slide")).toBe("s3");
    await userEvent.keyboard("{Home}");
    expect(document.activeElement?.getAttribute("data-slide")).toBe("s1");
  });
  it("says when a slide is left out", async () => {
    answer({ ...ATTEMPTS, "PATCH /api/presentations/p1": () => new Promise(() => undefined) });
    tab(three());
    await userEvent.click(screen.getByRole("button", { name: "Leave out" }));
    expect(screen.getByText("One: left out of the film")).toBeDefined();
    expect(within(rail()).getByRole("link", { name: /One/ }).textContent).toContain("Left out");
    await vi.waitFor(() => expect(asked.find((call) => call.method === "PATCH")?.body).toEqual({ exclude: ["s1"] }));
  });
  it("marks warnings in words, and says on the slide what to do", () => {
    answer(ATTEMPTS);
    const warnings = [{ code: "animations", message: "2 animations are not played." }];
    tab(presentation([titled("s1", "One", { warnings }), titled("s2", "Two")]));
    expect(within(rail()).getByRole("img", { name: "1 warning: Animations are not played" })).toBeDefined();
    const told = screen.getByRole("list", { name: "What to know about this slide" });
    expect(told.textContent).toContain("spread its steps over several slides");
  });
  it("draws only what is in sight of many slides", () => {
    answer(ATTEMPTS);
    tab(presentation(Array.from({ length: 500 }, (_, index) => titled(`s${index + 1}`, `Slide ${index + 1}`))));
    const rows = within(rail()).getAllByRole("link");
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(40);
    expect(rows[0]?.closest("li")?.getAttribute("aria-setsize")).toBe("500");
  });
});
