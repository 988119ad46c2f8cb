import createClient from "openapi-fetch";
import { Refusal } from "@/api/refusal";
import type { paths } from "@/api/schema.gen";
import type { Problem } from "@/api/types";

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The content of an answer; throws a Refusal where the server refused or was not there. */
export async function content<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal({ code: "unreachable", detail: "" });
  }
  if (!answer.response.ok) throw new Refusal(problemOf(answer.error), answer.response.status);
  return answer.data as T;
}

function problemOf(error: unknown): Partial<Problem> {
  return typeof error === "object" && error !== null ? (error as Partial<Problem>) : { code: "internal_error" };
}

/** A header that makes a repeated call start nothing twice. */
export function once(): { "Idempotency-Key": string } {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { "Idempotency-Key": Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}
