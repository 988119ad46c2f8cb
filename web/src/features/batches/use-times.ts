import { useEffect, useState } from "react";
import { roughly } from "@/lib/format";
import { useT } from "@/lib/i18n";

/** How lengths of time are said. */
export function useTimes() {
  const t = useT();
  const said = (seconds: number) => {
    const { unit, count } = roughly(seconds);
    return t(`time.${unit}`, { count });
  };
  return {
    said,
    range: ([low, high]: readonly [number, number]) => {
      const [from, to] = [roughly(low), roughly(high)];
      if (from.unit === to.unit && from.count === to.count) return t("time.about", { time: said(high) });
      if (from.unit === to.unit) return t("time.range", { from: String(from.count), to: said(high) });
      return t("time.range", { from: said(low), to: said(high) });
    },
  };
}

/** The time now in ms, told anew every second while `running`. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** The two ends of a span, where the server sent both. */
export function span(values: readonly unknown[] | null | undefined): readonly [number, number] | null {
  const [low, high] = values ?? [];
  return typeof low === "number" && typeof high === "number" ? [low, high] : null;
}
