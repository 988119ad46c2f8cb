import type { Refusal } from "@/api/refusal";
import { money } from "@/lib/format";
import { knownKey, tNow, useWords, type Translate } from "@/lib/i18n";

const FOR_A_TERMINAL = /`|(^|\s)--?[a-z]|\bdeckcast [a-z]|DECKCAST_/;

export interface RefusalText {
  title: string;
  next: string | null;
}

/** What was refused and what to do, in the page's own words where it has them, else in the server's. */
export function refusalText(refusal: Refusal, t: Translate = tNow): RefusalText {
  if (refusal.code === "unreachable") return { title: t("error.unreachable"), next: t("error.unreachable.next") };
  const { facts } = refusal;
  const variant = refusal.code === "over_cap" && typeof facts.leftTodayUsd === "number" ? ".today" : "";
  const known = knownKey(`refusal.${refusal.code}${variant}`);
  const next = knownKey(`refusal.${refusal.code}${variant}.next`);
  const own = known && filled(t(known, figures(facts, t)));
  return {
    title: own ?? forThisPage(refusal.message) ?? t("error.unknown"),
    next: next ? t(next) : forThisPage(refusal.nextStep),
  };
}

/** A sentence without holes, or none. */
function filled(sentence: string): string | null {
  return /\{\w+\}/.test(sentence) ? null : sentence;
}

/** What the server says, without the sentences that name commands and settings: they help nobody here. */
export function forThisPage(text: string | null): string | null {
  const sentences = (text ?? "").split(/(?<=[.!?])\s+/).filter((each) => !FOR_A_TERMINAL.test(each));
  return sentences.join(" ") || null;
}

function figures(facts: Record<string, unknown>, t: Translate): Record<string, string | number> {
  const { language } = useWords.getState();
  const of = (name: string) => (typeof facts[name] === "number" ? (facts[name] as number) : null);
  const usd = (value: number | null) => (value === null ? undefined : money(value, language));
  const period = of("periodS");
  const given = {
    cost: usd(of("estimatedCostUsd")),
    cap: usd(of("capUsd")),
    left: usd(of("leftTodayUsd")),
    balance: facts.unit === "usd" ? usd(of("balance")) : of("balance") === null ? undefined : `${of("balance")} ${String(facts.unit)}`,
    limit: of("limit") ?? undefined,
    period: period === null ? undefined : saidPeriod(period, t),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<string, string>;
}

function saidPeriod(seconds: number, t: Translate): string {
  if (seconds === 3600) return t("period.hour");
  return seconds === 60 ? t("period.minute") : t("period.seconds", { count: seconds });
}
