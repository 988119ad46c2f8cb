import { create } from "zustand";
import { asRefusal, type Refusal } from "@/api/refusal";
import type { Presentation } from "@/api/types";
import { upload } from "@/features/presentations/api/upload";

export interface Sending {
  key: number;
  name: string;
  sizeBytes: number;
  share: number;
  refusal: Refusal | null;
  cancel: () => void;
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

/** Upload a deck; `arrived` is called once it is there. */
export function send(file: File, arrived: (presentation: Presentation) => void): void {
  const key = next++;
  const { done, cancel } = upload(file, "/api/presentations", "POST", (share) => change(key, { share }));
  const sending: Sending = { key, name: file.name, sizeBytes: file.size, share: 0, refusal: null, cancel };
  useUploads.setState((state) => ({ sending: [sending, ...state.sending] }));
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
