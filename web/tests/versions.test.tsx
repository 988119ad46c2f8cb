import { answer, asked, refuse } from "./server";
import { cleanup, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Versions } from "@/features/slides/components/versions";
import { narrative, presentation, show, slide } from "./a-presentation";

const items = [
  narrative({ text: "Third.", version: 3, source: "edited" }),
  narrative({ text: "Second.", version: 2, source: "polished" }),
  narrative({ text: "First.", version: 1 }),
];
const LIST = { "GET /api/slides/s1/narrative/versions": () => ({ items, nextCursor: null }) };
const RESTORE = "POST /api/slides/s1/narrative/restore";

function versions() {
  const restored = vi.fn();
  const closed = vi.fn();
  show(presentation(), () => <Versions presentationId="p1" slide={slide()} onRestored={restored} onClose={closed} />);
  return { restored, closed };
}
afterEach(cleanup);

describe("the versions of a narrative", () => {
  it("are all there, and the one that holds cannot be restored", async () => {
    answer(LIST);
    versions();
    expect(await screen.findAllByRole("radio")).toHaveLength(3);
    expect(screen.getByRole("radio", { name: /Version 3.*Now/ })).toHaveProperty("checked", true);
    expect(screen.getByRole("region", { name: "Version 3" }).textContent).toBe("Third.");
    expect(screen.queryByRole("button", { name: /Restore/ })).toBeNull();
  });
  it("can be read and restored", async () => {
    answer({ ...LIST, [RESTORE]: () => narrative({ text: "First.", version: 4, source: "edited" }) });
    const { restored, closed } = versions();
    await userEvent.click(await screen.findByRole("radio", { name: /Version 1/ }));
    expect(screen.getByRole("region", { name: "Version 1" }).textContent).toBe("First.");
    await userEvent.click(screen.getByRole("button", { name: "Restore version 1" }));
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    expect(restored).toHaveBeenCalledWith(expect.objectContaining({ text: "First.", version: 4 }));
    expect(asked.find((call) => call.method === "POST")?.body).toEqual({ version: 1 });
  });
  it("stay open and say why where one could not be restored", async () => {
    answer({ ...LIST, [RESTORE]: () => refuse(422, "version_not_found", "There is no version 1.") });
    const { closed } = versions();
    await userEvent.click(await screen.findByRole("radio", { name: /Version 1/ }));
    await userEvent.click(screen.getByRole("button", { name: "Restore version 1" }));
    expect((await screen.findByRole("alert")).textContent).toContain("There is no version 1.");
    expect(closed).not.toHaveBeenCalled();
  });
});
