import { ShieldCheck, Upload } from "lucide-react";
import type { Estimate } from "@/api/types";
import { Failure } from "@/components/ui/failure";
import { Notice } from "@/components/ui/notice";
import { span, useTimes } from "@/features/batches/use-times";
import { providerName } from "@/features/choices/names";
import { cx } from "@/lib/cx";
import { clock, money } from "@/lib/format";
import { knownKey, useT, useWords } from "@/lib/i18n";

interface Props {
  estimate: Estimate | null;
  stale: boolean;
  error: unknown;
}

/** What it would make, take and cost, and what would leave this machine. */
export function EstimatePanel({ estimate, stale, error }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { range } = useTimes();
  if (estimate === null) return error ? <Failure error={error} /> : <div className="skeleton h-56" />;
  const time = span(estimate.timeS);
  const cost = estimate.estimatedCostUsd ?? 0;
  const facts: [string, string][] = [
    [t("estimate.toMake"), t("estimate.of", { count: estimate.toGenerate ?? 0, total: estimate.totalSlides ?? 0 })],
    [t("estimate.fresh"), String(estimate.skipped ?? 0)],
    ...(estimate.durationS ? [[t("estimate.length"), clock(estimate.durationS)] as [string, string]] : []),
    ...(time && time[1] >= 5 ? [[t("estimate.time"), range(time)] as [string, string]] : []),
  ];
  return (
    <section aria-labelledby="estimate" aria-busy={stale} className={cx("transition-opacity", stale && "opacity-60")}>
      <h3 id="estimate" className="text-sm font-semibold">
        {t("estimate.title")}
      </h3>
      <p className="mt-2 text-3xl font-semibold tracking-tight tabular-nums">
        {cost > 0 ? money(cost, language) : t("estimate.free")}
      </p>
      <dl className="mt-3 space-y-1.5 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-soft">{name}</dt>
            <dd className="text-right font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
        {estimate.leftTodayUsd !== null && (
          <div className="flex justify-between gap-4">
            <dt className="text-soft">{t("estimate.leftToday")}</dt>
            <dd className="font-semibold tabular-nums">{money(estimate.leftTodayUsd, language)}</dd>
          </div>
        )}
      </dl>
      <div className="mt-4 flex gap-2 border-t border-line pt-4 text-sm text-soft">
        {estimate.leavesMachine?.length ? (
          <>
            <Upload size={16} className="mt-0.5 shrink-0" aria-hidden />
            <div>
              <p className="font-semibold text-ink">{t("leaves.title")}</p>
              <ul>
                {estimate.leavesMachine.map((each) => {
                  const what = knownKey(`leaves.${each.what}`);
                  return (
                    <li key={each.what + each.to}>
                      {t("leaves.to", { what: what ? t(what) : each.what, to: providerName(each.to) })}
                    </li>
                  );
                })}
              </ul>
            </div>
          </>
        ) : (
          <>
            <ShieldCheck size={16} className="mt-0.5 shrink-0 text-good" aria-hidden />
            <p>{t("leaves.nothing")}</p>
          </>
        )}
      </div>
      {estimate.error && (
        <div className="mt-4">
          <Notice tone="warn">{estimate.error.message}</Notice>
        </div>
      )}
    </section>
  );
}
