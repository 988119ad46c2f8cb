import type { Problem } from "@/api/types";

/** What the server refused, or that it could not be reached: what a person reads, and the code. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  readonly nextStep: string | null;
  readonly retryable: boolean;
  readonly facts: Record<string, unknown>;

  constructor(problem: Partial<Problem>, status = 0) {
    super(problem.detail ?? problem.title ?? "");
    this.name = "Refusal";
    this.code = problem.code ?? "unreachable";
    this.status = status;
    this.nextStep = problem.nextStep ?? null;
    this.retryable = problem.retryable ?? status === 0;
    this.facts = (problem.facts as Record<string, unknown> | null | undefined) ?? {};
  }
}

export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal({ code: "unreachable", detail: "" });
}
