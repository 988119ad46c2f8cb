import { CircleCheck } from "lucide-react";
import type { BatchKind, KindEstimate, Presentation } from "@/api/types";
import type { RefusalText } from "@/components/ui/refusal-text";
import { span, useTimes } from "@/features/batches/use-times";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  id: string;
  presentation: Presentation;
  kind: BatchKind;
  estimate: KindEstimate | null;
  why: RefusalText | null;
  unknown: boolean;
}

/** Whether an action would find nothing to do. */
export function isFresh(presentation: Presentation, kind: BatchKind, estimate: KindEstimate): boolean {
  if (estimate.error || (estimate.toGenerate ?? 0) > 0) return false;
  return kind !== "presentation_video" || (presentation.film !== null && !presentation.film.stale);
}

/** What an action would do now, or why it cannot; as tall before it is known as after. */
export function ActionNote({ id, presentation, kind, estimate, why, unknown }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { range } = useTimes();
  const toMake = estimate?.toGenerate ?? 0;
  const total = estimate?.totalSlides ?? 0;
  const skipped = estimate?.skipped ?? 0;
  const time = span(estimate?.timeS);
  const cost = estimate?.estimatedCostUsd ?? 0;
  return (
    <p id={id} className="mt-1.5 flex min-h-5 flex-wrap items-center gap-x-2 text-sm tabular-nums">
      {estimate === null && !unknown && <span className="skeleton inline-block h-4 w-44" />}
      {estimate === null && unknown && <span className="text-soft">{t("actions.noEstimate")}</span>}
      {why && <span className="text-warn">{[why.title, why.next].filter(Boolean).join(" ")}</span>}
      {estimate && isFresh(presentation, kind, estimate) && (
        <span className="inline-flex items-center gap-1.5 text-good">
          <CircleCheck size={15} aria-hidden />
          {kind === "presentation_video" ? t("actions.filmFresh") : t("actions.fresh", { count: total })}
        </span>
      )}
      {estimate && !why && toMake === 0 && !isFresh(presentation, kind, estimate) && <span>{t("actions.filmToJoin")}</span>}
      {!why && toMake > 0 && (
        <>
          <span>
            {skipped > 0
              ? t("actions.toMakeFresh", { count: toMake, total, fresh: skipped })
              : t("actions.toMake", { count: toMake, total })}
          </span>
          {time && time[1] >= 5 && <span className="text-soft">· {range(time)}</span>}
          {cost > 0 && <span className="text-soft">· {t("estimate.upTo")} {money(cost, language)}</span>}
        </>
      )}
    </p>
  );
}
