import { useQuery } from "@tanstack/react-query";
import { Failure } from "@/components/ui/failure";
import { Link } from "@/components/ui/link";
import { Progress } from "@/components/ui/progress";
import { spendQuery } from "@/features/account/api/spend";
import { isKind } from "@/features/batches/kinds";
import { providerName } from "@/features/choices/names";
import { moment, money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** What was spent today and this month, on whom, and what may be spent. */
export function SpendPanel() {
  const t = useT();
  const language = useWords((words) => words.language);
  const spend = useQuery(spendQuery);
  if (spend.isError && !spend.data) return <Failure error={spend.error} retry={() => void spend.refetch()} />;
  if (!spend.data) return <div className="skeleton h-44 rounded-[14px]" />;
  const { today, month, caps, batches } = spend.data;
  const usd = (value: number) => money(value, language);
  const gone = today.spentUsd + today.reservedUsd;
  return (
    <div className="card divide-y divide-line">
      <div className="grid gap-6 p-5 sm:grid-cols-2 sm:p-6">
        <div>
          <p className="text-sm text-soft">{t("spend.today")}</p>
          <p className="mt-1 text-3xl font-semibold tracking-tight tabular-nums">{usd(today.spentUsd)}</p>
          {caps.perDayUsd !== null && (
            <div className="mt-3">
              <Progress
                thin
                label={t("spend.ofDay")}
                share={caps.perDayUsd > 0 ? gone / caps.perDayUsd : 1}
                tone={gone >= caps.perDayUsd ? "warn" : "accent"}
              />
            </div>
          )}
          <p className="mt-2 text-sm text-soft tabular-nums">
            {[
              today.reservedUsd > 0 && t("spend.reserved", { money: usd(today.reservedUsd) }),
              today.leftUsd === null ? t("spend.noCap") : t("spend.left", { money: usd(today.leftUsd) }),
              caps.perBatchUsd !== null && t("spend.perBatch", { money: usd(caps.perBatchUsd) }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        <div>
          <p className="text-sm text-soft">{t("spend.month")}</p>
          <p className="mt-1 text-3xl font-semibold tracking-tight tabular-nums">{usd(month.spentUsd)}</p>
          {month.payees.length > 0 && (
            <dl className="mt-3 space-y-1 text-sm">
              {month.payees.map((payee) => (
                <div key={payee.name} className="flex justify-between gap-4">
                  <dt className="text-soft">{providerName(payee.name)}</dt>
                  <dd className="font-semibold tabular-nums">{usd(payee.spentUsd)}</dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      </div>
      {batches.length > 0 && (
        <ul className="divide-y divide-line" aria-label={t("spend.batches")}>
          {batches.slice(0, 5).map((batch) => (
            <li key={batch.id} className="flex flex-wrap items-baseline gap-x-4 px-5 py-3 text-sm sm:px-6">
              <Link
                to={`/presentations/${batch.presentationId}/batches/${batch.id}`}
                className="min-w-0 flex-1 basis-52 rounded underline-offset-2 hover:underline"
              >
                <span className="font-semibold">{batch.presentationTitle}</span>
                <span className="block text-soft">
                  {isKind(batch.kind) ? t(`kind.${batch.kind}`) : batch.label} · {moment(batch.createdAt, language)}
                </span>
              </Link>
              <span className="font-semibold tabular-nums">{usd(batch.costUsd)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
