import type { Language } from "@/lib/i18n";

const ENDINGS: Partial<Record<Intl.LDMLPluralRule, string>> = { one: "st", two: "nd", few: "rd", other: "th" };

/** 3 → "3rd", in German "3.". */
export function ordinal(place: number, language: Language): string {
  const figure = place.toLocaleString(language);
  if (language !== "en") return `${figure}.`;
  return figure + (ENDINGS[new Intl.PluralRules("en", { type: "ordinal" }).select(place)] ?? "th");
}
