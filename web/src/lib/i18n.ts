import { create } from "zustand";
import type { Catalogue, Key } from "@/lib/words/en";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;
type Values = Record<string, string | number>;
export type Translate = (key: Key, values?: Values) => string;

const STORED = "deckcast.language";
const loaders: Record<Language, () => Promise<Catalogue>> = {
  en: () => import("@/lib/words/en").then((words) => words.en),
  de: () => import("@/lib/words/de").then((words) => words.de),
};

interface Words {
  language: Language;
  catalogue: Catalogue;
}

/** The words of the page: those of one language alone are loaded, before anything is shown (`speak`). */
export const useWords = create<Words>(() => ({ language: "en", catalogue: {} as Catalogue }));

export async function speak(language: Language): Promise<void> {
  const catalogue = await loaders[language]();
  document.documentElement.lang = language;
  useWords.setState({ language, catalogue });
}

export function choose(language: Language): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // Storage is switched off: the choice holds until the page is left.
  }
  void speak(language);
}

export function preferred(): Language {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(STORED);
  } catch {
    stored = null;
  }
  const wanted = [stored, ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return (wanted.find((tag) => tag !== undefined && tag in LANGUAGES) as Language | undefined) ?? "en";
}

const rules = new Map<string, Intl.PluralRules>();

function pluralOf(language: Language, count: number): "one" | "other" {
  const known = rules.get(language) ?? new Intl.PluralRules(language);
  rules.set(language, known);
  return known.select(count) === "one" ? "one" : "other";
}

/** The words for a key; `{name}` is filled in from values, and `count` chooses between singular and plural. */
export function translate({ language, catalogue }: Words, key: Key, values: Values = {}): string {
  const entry = catalogue[key];
  const text = typeof entry === "string" ? entry : entry[pluralOf(language, Number(values.count ?? 0))];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(language) : value;
  });
}

/** Translates as the person chose. */
export function useT(): Translate {
  const words = useWords();
  return (key, values) => translate(words, key, values);
}

/** Translates now, outside of a component. */
export const tNow: Translate = (key, values) => translate(useWords.getState(), key, values);

/** A key that is put together from what the server says; else what it says itself. */
export function knownKey(key: string): Key | null {
  return key in useWords.getState().catalogue ? (key as Key) : null;
}
