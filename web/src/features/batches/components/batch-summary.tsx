import { useEffect, useRef, useState } from "react";
import type { BatchStatus } from "@/api/types";
import { Progress } from "@/components/ui/progress";
import { isOpen } from "@/features/batches/kinds";
import { span, useNow, useTimes } from "@/features/batches/use-times";
import { clock, money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

export type Watched = Pick<
  BatchStatus,
  | "id"
  | "kind"
  | "label"
  | "state"
  | "total"
  | "completed"
  | "failed"
  | "skipped"
  | "cancelled"
  | "inProgress"
  | "draining"
  | "share"
  | "etaS"
  | "costUsd"
  | "createdAt"
  | "endedAt"
  | "cancelledAt"
  | "error"
>;

const SPOKEN_EVERY_MS = 10_000;

/** The whole in one bar, weighted by seconds, and in figures. */
export function BatchSummary({ batch }: { batch: Watched }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { range } = useTimes();
  const open = isOpen(batch);
  const now = useNow(open);
  const eta = span(batch.etaS);
  const elapsed = ((batch.endedAt ? Date.parse(batch.endedAt) : now) - Date.parse(batch.createdAt)) / 1000;
  const counts = [
    t("batch.counts", { done: batch.completed + batch.skipped, total: batch.total }),
    batch.failed > 0 && t("batch.failed", { count: batch.failed }),
    batch.skipped > 0 && t("batch.skipped", { count: batch.skipped }),
    batch.cancelled > 0 && t("batch.cancelled", { count: batch.cancelled }),
  ].filter((each) => typeof each === "string");
  const tone = open ? "accent" : batch.state === "completed" ? "good" : batch.state === "cancelled" ? "accent" : "warn";
  return (
    <section className="rounded-xl bg-sunk p-4 sm:p-5">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <p className="font-semibold tabular-nums">{counts.join(", ")}</p>
        <p className="text-sm text-soft tabular-nums">
          {open && eta && t("batch.left", { time: range(eta) })}
          {open && !eta && t("batch.noEta")}
          {!open && t("batch.took", { time: clock(elapsed) })}
        </p>
      </div>
      <Progress label={t("batch.progress")} share={open ? batch.share : Math.max(batch.share, 0)} tone={tone} />
      <div className="mt-3 flex flex-wrap justify-between gap-x-6 text-sm text-soft tabular-nums">
        <span>{open ? t("batch.elapsed", { time: clock(elapsed) }) : " "}</span>
        <span>{batch.costUsd > 0 ? t("batch.cost", { money: money(batch.costUsd, language) }) : t("batch.costNothing")}</span>
      </div>
      <Spoken text={counts.join(", ")} ended={!open} />
    </section>
  );
}

/** The same for a screen reader, at most every ten seconds, and at the end at once. */
function Spoken({ text, ended }: { text: string; ended: boolean }) {
  const [said, setSaid] = useState("");
  const newest = useRef(text);
  newest.current = text;
  useEffect(() => {
    if (ended) {
      setSaid(newest.current);
      return;
    }
    const timer = setInterval(() => setSaid(newest.current), SPOKEN_EVERY_MS);
    return () => clearInterval(timer);
  }, [ended]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
