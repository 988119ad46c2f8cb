import { cleanup, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "@/api/refusal";
import { SendingCard } from "@/features/presentations/components/sending-card";
import { send, useUploads, type Sending } from "@/features/presentations/store";

const begun: Sending = {
  key: 1,
  name: "year.pptx",
  sizeBytes: 3_000_000,
  share: 0.4,
  refusal: null,
  replaces: null,
  cancel: vi.fn(),
  again: vi.fn(),
};
const card = (part: Partial<Sending> = {}) => render(<SendingCard sending={{ ...begun, ...part }} />);

/** A request whose progress and end the test decides. */
class Request {
  static sent: Request[] = [];
  upload: { onprogress?: (event: object) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  status = 0;
  responseText = "";
  opened: string[] = [];
  open(...opened: string[]) {
    this.opened = opened;
  }
  send() {
    Request.sent.push(this);
  }
  abort() {
    this.onabort?.();
  }
}

beforeEach(() => {
  Request.sent = [];
  useUploads.setState({ sending: [] });
  vi.stubGlobal("XMLHttpRequest", Request);
});
afterEach(cleanup);
const uploads = () => useUploads.getState().sending;
const deck = (name = "year.pptx", bytes = 10) => new File([new Uint8Array(bytes)], name);

describe("the card of an upload", () => {
  it("shows how far it is, and can be cancelled", async () => {
    card();
    expect(screen.getByRole("progressbar", { name: "Uploading year.pptx" }).getAttribute("aria-valuenow")).toBe("40");
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    expect(begun.cancel).toHaveBeenCalled();
  });
  it("promises no percent once everything is sent", () => {
    card({ share: 1 });
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBeNull();
    expect(screen.getByText("Being taken in…")).toBeDefined();
    expect(screen.queryByRole("button")).toBeNull();
  });
  it("says why it was refused and what to do", () => {
    card({ refusal: new Refusal({ code: "deck_encrypted", detail: "x", retryable: false }) });
    expect(screen.getByRole("alert").textContent).toContain("The deck asks for a password.");
    expect(screen.getByRole("alert").textContent).toContain("Save it without one, and upload that.");
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    expect(screen.getByRole("button", { name: "Dismiss" })).toBeDefined();
  });
  it("can be tried again where the server was not reached", async () => {
    card({ refusal: new Refusal({ code: "unreachable" }) });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(begun.again).toHaveBeenCalled();
  });
});

describe("an upload", () => {
  it("goes out, moves and arrives", async () => {
    const arrived = vi.fn();
    send(deck(), arrived);
    const [request] = Request.sent;
    request?.upload.onprogress?.({ lengthComputable: true, loaded: 5, total: 10 });
    expect(uploads()[0]?.share).toBe(0.5);
    Object.assign(request ?? {}, { status: 201, responseText: '{"id":"p1"}' });
    request?.onload?.();
    await vi.waitFor(() => expect(arrived).toHaveBeenCalledWith({ id: "p1" }));
    expect(uploads()).toEqual([]);
  });
  it("that is cancelled leaves nothing behind", async () => {
    send(deck(), vi.fn());
    uploads()[0]?.cancel();
    await vi.waitFor(() => expect(uploads()).toEqual([]));
  });
  it("that was lost is sent again", async () => {
    send(deck(), vi.fn(), { replaces: "p1" });
    Request.sent[0]?.onerror?.();
    await vi.waitFor(() => expect(uploads()[0]?.refusal?.code).toBe("unreachable"));
    uploads()[0]?.again();
    expect(uploads()[0]?.refusal).toBeNull();
    expect(Request.sent[1]?.opened).toEqual(["PUT", "/api/presentations/p1/deck"]);
  });
  it.each([
    ["notes.txt", 10, "deck_unknown_format"],
    ["year.pptx", 0, "deck_broken"],
    ["year.pptx", 200, "deck_too_large"],
  ])("of %s with %i bytes is refused before anything is sent", (name, bytes, code) => {
    send(deck(name, bytes), vi.fn(), { limitBytes: 100 });
    expect(uploads()[0]?.refusal?.code).toBe(code);
    expect(Request.sent).toEqual([]);
  });
});
