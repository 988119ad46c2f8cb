import type { BatchKind, Estimate } from "@/api/types";
import { Failure } from "@/components/ui/failure";
import { Leaves } from "@/features/batches/components/leaves";
import { span, useTimes } from "@/features/batches/use-times";
import { providerName } from "@/features/choices/names";
import { cx } from "@/lib/cx";
import { clock, money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  estimate: Estimate | null;
  kind: BatchKind;
  stale: boolean;
  error: unknown;
  retry: () => void;
}

/** What it would make, take and cost, and what would leave this machine. */
export function EstimatePanel({ estimate, kind, stale, error, retry }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  if (estimate === null && error) return <Failure error={error} retry={retry} />;
  const cost = estimate?.estimatedCostUsd ?? 0;
  return (
    <section
      aria-labelledby="estimate"
      aria-busy={stale || estimate === null}
      className={cx("transition-opacity", stale && "opacity-60")}
    >
      <h3 id="estimate" className="text-sm font-semibold">
        {t("estimate.title")}
      </h3>
      {estimate === null ? (
        <Loading />
      ) : (
        <>
          <p className="mt-1.5 text-3xl font-semibold tracking-tight tabular-nums">
            {cost > 0 && <span className="mr-2 text-base font-normal text-soft">{t("estimate.upTo")}</span>}
            {cost > 0 ? money(cost, language) : t("estimate.free")}
          </p>
          <Figures estimate={estimate} kind={kind} />
          <div className="mt-4 border-t border-line pt-4">
            <Leaves leaving={estimate.leavesMachine ?? []} />
          </div>
        </>
      )}
    </section>
  );
}

function Figures({ estimate, kind }: { estimate: Estimate; kind: BatchKind }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { range } = useTimes();
  const time = span(estimate.timeS);
  const cost = estimate.estimatedCostUsd ?? 0;
  const split = [
    [t("estimate.splitVideos"), estimate.costs?.videosUsd ?? 0],
    [t("estimate.splitSpeech"), estimate.costs?.speechUsd ?? 0],
    [t("estimate.splitWords"), estimate.costs?.wordsUsd ?? 0],
  ] as const;
  const paid = split.filter(([, usd]) => usd > 0);
  const { balance, capUsd, leftTodayUsd } = estimate;
  const facts: (readonly [string, string] | null)[] = [
    ...(paid.length > 1 ? paid.map(([name, usd]) => [name, money(usd, language)] as const) : []),
    [t("estimate.toMake"), t("estimate.of", { count: estimate.toGenerate ?? 0, total: estimate.totalSlides ?? 0 })],
    [t("estimate.fresh"), String(estimate.skipped ?? 0)],
    kind !== "all_slides_analysis" && estimate.durationS ? [t("estimate.length"), clock(estimate.durationS)] : null,
    time && time[1] >= 5 ? [t("estimate.time"), range(time)] : null,
    cost > 0 && capUsd !== null ? [t("bounds.perBatch"), money(capUsd, language)] : null,
    cost > 0 && leftTodayUsd !== null ? [t("estimate.leftToday"), money(leftTodayUsd, language)] : null,
    cost > 0 && balance?.unit === "usd" && estimate.provider
      ? [t("estimate.balance", { name: providerName(estimate.provider) }), money(balance.amount, language)]
      : null,
  ];
  return (
    <dl className="mt-3 space-y-1.5 text-sm">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]} className="flex justify-between gap-4">
              <dt className="text-soft">{fact[0]}</dt>
              <dd className="text-right font-semibold tabular-nums">{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** As tall as what comes. */
function Loading() {
  const t = useT();
  return (
    <div role="status" aria-label={t("state.loading")}>
      <div className="skeleton mt-2.5 h-8 w-28" />
      <div className="mt-4 space-y-2.5">
        {[1, 2, 3, 4].map((each) => (
          <div key={each} className="skeleton h-4" />
        ))}
      </div>
      <div className="mt-4 border-t border-line pt-4">
        <div className="skeleton h-4 w-4/5" />
      </div>
    </div>
  );
}
