import { describe, expect, it } from "vitest";
import { Refusal } from "@/api/refusal";
import { higherCap } from "@/features/batches/limits";

const over = (facts: Record<string, unknown>) => new Refusal({ code: "over_cap", detail: "", facts }, 409);

describe("what would have to be allowed to try again", () => {
  it("is the price in whole cents, where its own cap refused it", () => {
    expect(higherCap(over({ estimatedCostUsd: 4.201, capUsd: 3 }), null)).toBe(4.21);
  });
  it("is nothing where the server allows less, the day has less left, or something else is wrong", () => {
    expect(higherCap(over({ estimatedCostUsd: 4.2, capUsd: 3 }), 4)).toBeNull();
    expect(higherCap(over({ estimatedCostUsd: 4.2, leftTodayUsd: 3 }), null)).toBeNull();
    expect(higherCap(new Refusal({ code: "nothing_failed", detail: "" }, 409), null)).toBeNull();
    expect(higherCap(null, null)).toBeNull();
  });
});
