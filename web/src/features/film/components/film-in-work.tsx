import type { BatchStatus } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { Progress } from "@/components/ui/progress";
import { span, useTimes } from "@/features/batches/use-times";
import { useT } from "@/lib/i18n";

/** A film that is being made, and how far it is. */
export function FilmInWork({ presentationId, batch }: { presentationId: string; batch: BatchStatus }) {
  const t = useT();
  const { range } = useTimes();
  const eta = span(batch.etaS);
  return (
    <section className="card mx-auto w-full max-w-xl p-6">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="font-semibold">{t("film.inWork")}</h2>
        <p className="min-h-5 text-sm text-soft tabular-nums">{eta && t("batch.left", { time: range(eta) })}</p>
      </div>
      <div className="mt-4">
        <Progress label={t("film.inWork")} share={batch.state === "planning" ? null : batch.share} />
      </div>
      <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-soft tabular-nums">
          {t("batch.counts", { done: batch.completed + batch.skipped, total: batch.total })}
        </p>
        <Link to={`/presentations/${presentationId}/batches/${batch.id}`} className={buttonClass("plain", "small")}>
          {t("action.watch")}
        </Link>
      </div>
    </section>
  );
}
