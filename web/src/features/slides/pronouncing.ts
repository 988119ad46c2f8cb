import { create } from "zustand";

/** Whether it is shown how words are said, and the word that somebody came with. */
export const usePronouncing = create<{ open: boolean; word: string }>(() => ({ open: false, word: "" }));
