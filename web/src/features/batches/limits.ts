import { asRefusal } from "@/api/refusal";
import type { BatchRequest, Estimate } from "@/api/types";
import type { Key } from "@/lib/words/en";

export type LimitName = "own" | "server" | "today" | "balance";

export interface Limit {
  name: LimitName;
  usd: number;
}

/** What each limit is called where a batch is over it. */
export const OVER: Record<LimitName, Key> = {
  own: "cap.over",
  server: "cap.overServer",
  today: "cap.overToday",
  balance: "cap.overBalance",
};

/** The tightest limit that a batch of this price is over, or none. */
export function overLimit(estimate: Estimate, request: BatchRequest): Limit | null {
  const cost = estimate.estimatedCostUsd ?? 0;
  const balance = estimate.balance?.unit === "usd" ? estimate.balance.amount : null;
  const limits: [LimitName, number | null | undefined, number][] = [
    ["own", request.maxCostUsd, cost],
    ["server", estimate.capUsd, cost],
    ["today", estimate.leftTodayUsd, cost],
    ["balance", balance, estimate.costs?.videosUsd ?? 0],
  ];
  const over = limits.flatMap(([name, usd, needed]) => (typeof usd === "number" && needed > usd ? [{ name, usd }] : []));
  return over.sort((a, b) => a.usd - b.usd)[0] ?? null;
}

/** What may be spent where it has to be raised to, in whole cents. */
export function enough(usd: number): number {
  return Math.ceil(usd * 100) / 100;
}

/** What would have to be allowed for a batch that was refused because of its own cap, where the server allows as much. */
export function higherCap(error: unknown, mostUsd: number | null): number | null {
  const { code, facts } = asRefusal(error);
  const { estimatedCostUsd: cost, capUsd: cap } = facts;
  if (code !== "over_cap" || typeof cost !== "number" || typeof cap !== "number") return null;
  return mostUsd === null || enough(cost) <= mostUsd ? enough(cost) : null;
}
