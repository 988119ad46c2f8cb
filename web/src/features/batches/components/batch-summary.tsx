import { useEffect, useRef, useState } from "react";
import type { BatchStatus } from "@/api/types";
import { Progress } from "@/components/ui/progress";
import { isOpen } from "@/features/batches/kinds";
import { span, useNow, useTimes } from "@/features/batches/use-times";
import { clock, money } from "@/lib/format";
import { useT, useWords, type Translate } from "@/lib/i18n";

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
export function BatchSummary({ batch, capUsd = null }: { batch: Watched; capUsd?: number | null }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { range } = useTimes();
  const open = isOpen(batch);
  const planning = batch.state === "planning";
  const stopping = open && batch.cancelledAt !== null;
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
  const said = planning ? t("batch.planning") : counts.join(", ");
  return (
    <section className="rounded-xl bg-sunk p-4 sm:p-5">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <p className="font-semibold tabular-nums">{said}</p>
        <p className="min-h-[1.5em] text-sm text-soft tabular-nums">
          {open && !planning && !stopping && (eta ? t("batch.left", { time: range(eta) }) : t("batch.noEta"))}
          {!open && t("batch.took", { time: clock(elapsed) })}
        </p>
      </div>
      <Progress label={t("batch.progress")} share={planning ? null : Math.max(batch.share, 0)} tone={tone} />
      <div className="mt-3 flex min-h-5 flex-wrap justify-between gap-x-6 text-sm text-soft tabular-nums">
        <span>{open ? t("batch.elapsed", { time: clock(elapsed) }) : saidOutcome(batch, t)}</span>
        <span>{saidCost(batch, open, capUsd, t, (usd) => money(usd, language))}</span>
      </div>
      {stopping && batch.draining > 0 && (
        <p className="mt-3 border-t border-line pt-3 text-sm">{t("batch.stopping", { count: batch.draining })}</p>
      )}
      <Spoken text={open ? said : `${said}. ${saidOutcome(batch, t)}`} ended={!open} />
    </section>
  );
}

function saidOutcome(batch: Watched, t: Translate): string {
  const count = batch.completed + batch.skipped;
  if (batch.state === "completed") return t(batch.kind === "presentation_video" ? "outcome.film" : "outcome.completed", { count });
  if (batch.state === "cancelled") return t("outcome.cancelled", { count });
  if (batch.state === "partial") return t("outcome.partial", { count, total: batch.total });
  return batch.error === null ? t("outcome.failed") : "";
}

function saidCost(batch: Watched, open: boolean, cap: number | null, t: Translate, usd: (value: number) => string): string {
  if (batch.costUsd === 0) return t("batch.costNothing");
  if (!open) return t("batch.costTotal", { money: usd(batch.costUsd) });
  return cap === null
    ? t("batch.cost", { money: usd(batch.costUsd) })
    : t("batch.costOf", { money: usd(batch.costUsd), cap: usd(cap) });
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
