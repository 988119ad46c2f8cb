/** A server for tests: answers each call by method and path, and remembers what it was asked. Import it first. */
import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}
type Answer = (asked: Asked) => unknown;

export const asked: Asked[] = [];
let answers: Record<string, Answer> = {};

/** What is answered from now on, by "METHOD /path"; anything else is not found. */
export function answer(given: Record<string, Answer>): void {
  answers = given;
  asked.length = 0;
}

/** A refusal as the server words it. */
export function refuse(status: number, code: string, detail: string, facts: object = {}): Response {
  const problem = { type: "about:blank", title: "", status, code, detail, retryable: false, nextStep: null, facts };
  return Response.json(problem, { status });
}

class FromHere extends Request {
  constructor(input: RequestInfo | URL, init: RequestInit = {}) {
    const { signal: _, ...rest } = init; // the page's signals are not this Request's
    super(typeof input === "string" ? new URL(input, "http://localhost") : input, rest);
  }
}
vi.stubGlobal("Request", FromHere);
vi.stubGlobal("fetch", async (request: Request) => {
  const { pathname, searchParams } = new URL(request.url);
  const text = await request.text();
  const call = { method: request.method, path: pathname, query: searchParams, body: text ? (JSON.parse(text) as unknown) : null };
  asked.push(call);
  const found = answers[`${request.method} ${pathname}`];
  if (!found) return refuse(404, "not_found", `nothing answers ${request.method} ${pathname}`);
  const given = await found(call);
  return given instanceof Response ? given : Response.json(given);
});
