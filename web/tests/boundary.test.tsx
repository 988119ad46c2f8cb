import "./patience";
import { cleanup, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Boundary } from "@/app/boundary";

let broken = true;
function Fragile() {
  if (broken) throw new Error("it broke");
  return <p>whole</p>;
}

beforeEach(() => {
  broken = true;
  vi.spyOn(console, "error").mockImplementation(() => undefined); // React tells of what it caught
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe("a part that breaks", () => {
  it("leaves the rest standing, and has ways on", async () => {
    render(
      <>
        <p>the rest</p>
        <Boundary>
          <Fragile />
        </Boundary>
      </>,
    );
    expect(screen.getByText("the rest")).toBeDefined();
    expect(screen.getByRole("alert").textContent).toContain("Something on this page went wrong");
    expect(screen.getByRole("link", { name: "Presentations" })).toBeDefined();
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(screen.getByText("whole")).toBeDefined();
  });
  it("in a dialog says so in a dialog, which can be closed", async () => {
    const close = vi.fn();
    render(
      <Boundary onClose={close}>
        <Fragile />
      </Boundary>,
    );
    expect(screen.getByRole("dialog")).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(close).toHaveBeenCalledOnce();
  });
});
