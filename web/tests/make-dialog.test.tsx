import "./patience";
import { answer, asked, refuse } from "./server";
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BatchKind, Estimate } from "@/api/types";
import { MakeDialog } from "@/features/batches/components/make-dialog";
import { presentation, show, slide } from "./a-presentation";

const estimate = (part: Partial<Estimate> = {}): Estimate => ({
  kind: "all_avatar_videos_generation",
  label: "",
  totalSlides: 20,
  toGenerate: 12,
  skipped: 8,
  estimatedCostUsd: 7.4,
  costs: { videosUsd: 7.4, wordsUsd: 0, speechUsd: 0, totalUsd: 7.4 },
  timeS: [300, 900],
  durationS: 120,
  warnings: [{ code: "animations", message: "It has animations.", slideId: "s1", slideNumber: 1 }],
  leavesMachine: [{ code: "speech", what: "the speech", to: "heygen", slides: null }],
  error: null,
  presentationId: "p1",
  provider: "heygen",
  avatarId: null,
  balance: { amount: 100, unit: "usd" },
  capUsd: null,
  leftTodayUsd: null,
  ...part,
});
const provider = (name: string, configured: boolean) => ({
  name,
  isDefault: name === "local",
  configured,
  whatIsMissing: configured ? null : "set DECKCAST_HEYGEN__API_KEY",
  paid: name !== "local",
  capabilities: null,
  account: null,
  balance: null,
});
const catalogue = {
  "GET /api/providers": () => ({ items: [provider("local", true), provider("heygen", true)] }),
  "GET /api/avatars": () => ({ items: [] }),
  "GET /api/voices": () => ({ items: [], engines: [] }),
};
const ESTIMATE = "GET /api/presentations/p1/estimate";
const START = "POST /api/presentations/p1/generate-all-avatar-videos";

function open(answers: Parameters<typeof answer>[0], kind: BatchKind = "all_avatar_videos_generation") {
  answer({ ...catalogue, [ESTIMATE]: () => estimate(), ...answers });
  const deck = presentation([slide({ warnings: [{ code: "animations", message: "It has animations." }] }), slide({ id: "s2", position: 2 })]);
  show(deck, (shown) => <MakeDialog presentation={shown} kind={kind} onClose={() => undefined} />);
}
const start = () => screen.findByRole("button", { name: /^Make 12 slides/ });

beforeEach(() => window.history.replaceState(null, "", "/"));
afterEach(cleanup);

describe("what is asked before a batch", () => {
  it("says what it would make, take and cost, and what leaves the machine", async () => {
    open({});
    expect(await screen.findByText("$7.40")).toBeDefined();
    expect(screen.getByText("12 of 20")).toBeDefined();
    expect(screen.getByText("5 to 15 minutes")).toBeDefined();
    expect(screen.getByText("The speech → HeyGen")).toBeDefined();
    expect(screen.getByText("1 slide has a warning")).toBeDefined();
  });
  it("waits for the estimate before it can be started", () => {
    open({ [ESTIMATE]: () => new Promise(() => undefined) });
    expect(screen.getAllByRole("status", { name: "Loading" }).length).toBeGreaterThan(0);
    expect(screen.getByRole("button", { name: "Make" })).toHaveProperty("disabled", true);
  });
  it("offers to ask again where there is no estimate", async () => {
    let works = false;
    open({ [ESTIMATE]: () => (works ? estimate() : refuse(409, "presentation_busy", "busy")) });
    expect(await screen.findByText("A command on the server's machine works on this presentation.")).toBeDefined();
    works = true;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("$7.40")).toBeDefined();
  });
  it("starts what was chosen, and goes to its batch", async () => {
    open({ [START]: () => ({ batchId: "b9" }) });
    await userEvent.click(await screen.findByRole("radio", { name: "HeyGen" }));
    await userEvent.click(screen.getByRole("checkbox", { name: "Make existing ones anew, too" }));
    await userEvent.click(await start());
    await waitFor(() => expect(window.location.pathname).toBe("/presentations/p1/batches/b9"));
    const call = asked.find((each) => each.method === "POST");
    expect(call?.body).toMatchObject({ provider: "heygen", regenerateExisting: true });
  });
  it("asks for narratives only what they need", async () => {
    open({}, "all_narratives_generation");
    expect(await screen.findByRole("combobox", { name: "Language" })).toBeDefined();
    expect(screen.queryByRole("combobox", { name: "Voice" })).toBeNull();
    expect(screen.queryByRole("group", { name: "Avatar" })).toBeNull();
  });
  it("lists the videos there are, each with a way to make it anew", async () => {
    open({});
    const existing = await screen.findByRole("region", { name: "Existing videos" });
    await userEvent.click(within(existing).getByRole("button", { name: "Show" }));
    await userEvent.click(within(existing).getByRole("button", { name: "Regenerate the video of slide 2" }));
    expect(await screen.findByRole("dialog", { name: "Make the video of slide 2 anew?" })).toBeDefined();
  });
});

describe("limits", () => {
  it("one's own: the figures, and a way to allow more", async () => {
    open({});
    await userEvent.type(await screen.findByRole("spinbutton", { name: "Spend at most (USD)" }), "5");
    expect(await screen.findByText("It would cost $7.40; $5.00 is allowed.")).toBeDefined();
    expect(await start()).toHaveProperty("disabled", true);
    await userEvent.click(screen.getByRole("button", { name: "Allow $7.40" }));
    expect(await start()).toHaveProperty("disabled", false);
  });
  it("the server's: no way to allow more, but fewer slides", async () => {
    open({ [ESTIMATE]: () => estimate({ capUsd: 5 }) });
    expect((await screen.findAllByText("Over the limit of this server")).length).toBe(2); // with the figures, and by the button
    expect(screen.queryByRole("button", { name: /^Allow/ })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Choose fewer slides" }));
    expect(screen.getAllByRole("checkbox").length).toBeGreaterThan(2);
  });
  it("of today, and of the provider's account", async () => {
    open({ [ESTIMATE]: () => estimate({ leftTodayUsd: 2, balance: { amount: 1, unit: "usd" } }) });
    expect(await screen.findByText("It would cost $7.40; $1.00 is left.")).toBeDefined();
  });
});

describe("what cannot be started", () => {
  it("for lack of a key offers Deckcast's own presenter", async () => {
    open({ "GET /api/providers": () => ({ items: [provider("local", true), provider("heygen", false)] }) });
    await userEvent.click(await screen.findByRole("radio", { name: "HeyGen" }));
    expect(await screen.findByText("HeyGen is not set up on this server")).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Use Deckcast's presenter" }));
    expect(screen.getByRole("radio", { name: "Deckcast" })).toHaveProperty("checked", true);
  });
  it("because nothing is chosen says so", async () => {
    open({});
    await userEvent.click(await screen.findByRole("button", { name: "Choose" }));
    await userEvent.click(screen.getByRole("button", { name: "None" }));
    expect(screen.getByText("No slide is chosen.")).toBeDefined();
  });
  it.each([
    ["paid_work_off", "Whoever runs this server has switched paid work off.", "Deckcast's own presenter goes on working, and costs nothing."],
    ["feature_off", "Making the avatar videos of many slides at once is switched off here.", "Make them slide by slide, on the Slides tab."],
    ["quota_exceeded", "You have stored as much as you may.", "Delete presentations that you do not need."],
  ])("%s is said in the page's own words", async (code, title, next) => {
    open({ [START]: () => refuse(403, code, "Use --provider local, or `deckcast paid-work on`.") });
    await userEvent.click(await start());
    expect(await screen.findByText(title)).toBeDefined();
    expect(screen.getByText(next)).toBeDefined();
    expect(screen.queryByText(/--provider/)).toBeNull();
  });
  it("asked too often says how much is allowed", async () => {
    const tooMany = () => refuse(429, "too_many_requests", "60 orders …", { limit: 60, periodS: 60 });
    open({ [START]: tooMany });
    await userEvent.click(await start());
    expect(await screen.findByText("That was too much at once: 60 orders in a minute are the most.")).toBeDefined();
  });
  it("what the page has no words for is the server's sentence without commands", async () => {
    open({ [START]: () => refuse(409, "something_new", "It is too late. Run `deckcast doctor`.") });
    await userEvent.click(await start());
    expect(await screen.findByText("It is too late.")).toBeDefined();
  });
});
