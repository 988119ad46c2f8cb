import { create } from "zustand";

/** What is told to a screen reader, where the page changes without a word. */
export const useSaid = create<{ text: string }>(() => ({ text: "" }));

export function say(text: string): void {
  useSaid.setState({ text });
}
