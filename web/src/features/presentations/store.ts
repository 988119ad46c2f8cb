import { create } from "zustand";
import { asRefusal, Refusal } from "@/api/refusal";
import type { Presentation } from "@/api/types";
import { upload } from "@/features/presentations/api/upload";

export const KINDS = [".pptx", ".ppt", ".pptm", ".ppsx", ".odp", ".pdf"];

export interface Sending {
  key: number;
  name: string;
  sizeBytes: number;
  /** How much has gone out, from 0 to 1. At 1 the server takes it in. */
  share: number;
  refusal: Refusal | null;
  /** The presentation whose deck it replaces; null where it becomes a new one. */
  replaces: string | null;
  cancel: () => void;
  again: () => void;
}

interface Uploads {
  sending: Sending[];
}

/** The decks that are on their way, and those that were refused and not yet put aside. */
export const useUploads = create<Uploads>(() => ({ sending: [] }));

let next = 1;

function change(key: number, part: Partial<Sending>): void {
  useUploads.setState(({ sending }) => ({
    sending: sending.map((each) => (each.key === key ? { ...each, ...part } : each)),
  }));
}

export function putAside(key: number): void {
  useUploads.setState(({ sending }) => ({ sending: sending.filter((each) => each.key !== key) }));
}

export function anySending(): boolean {
  return useUploads.getState().sending.some((each) => each.refusal === null);
}

interface Options {
  replaces?: string;
  /** The largest deck that the server takes; undefined while that is not known. */
  limitBytes?: number;
}

/** Upload a deck; `arrived` is called once it is there. What the server would refuse is not sent at all. */
export function send(file: File, arrived: (presentation: Presentation) => void, options: Options = {}): void {
  const key = next++;
  const replaces = options.replaces ?? null;
  const begun: Sending = {
    key,
    name: file.name,
    sizeBytes: file.size,
    share: 0,
    refusal: wrongWith(file, options.limitBytes),
    replaces,
    cancel: () => putAside(key),
    again: () => begin(key, file, replaces, arrived),
  };
  const others = useUploads.getState().sending.filter((each) => replaces === null || each.replaces !== replaces);
  useUploads.setState({ sending: [begun, ...others] });
  if (begun.refusal === null) begun.again();
}

function begin(key: number, file: File, replaces: string | null, arrived: (presentation: Presentation) => void): void {
  const progress = (share: number) => change(key, { share });
  const { done, cancel } =
    replaces === null
      ? upload(file, "/api/presentations", "POST", progress)
      : upload(file, `/api/presentations/${replaces}/deck`, "PUT", progress);
  change(key, { refusal: null, share: 0, cancel });
  done.then(
    (presentation) => {
      putAside(key);
      arrived(presentation);
    },
    (error: unknown) => {
      if (error instanceof DOMException && error.name === "AbortError") putAside(key);
      else change(key, { refusal: asRefusal(error) });
    },
  );
}

/** What can be seen to be wrong with a file before it is sent. */
export function wrongWith(file: File, limitBytes: number | undefined): Refusal | null {
  const name = file.name.toLowerCase();
  if (!KINDS.some((kind) => name.endsWith(kind))) return new Refusal({ code: "deck_unknown_format", retryable: false });
  if (file.size === 0) return new Refusal({ code: "deck_broken", retryable: false });
  if (limitBytes !== undefined && file.size > limitBytes) return new Refusal({ code: "deck_too_large", retryable: false });
  return null;
}
