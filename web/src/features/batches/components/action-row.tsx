import { CircleCheck, type LucideIcon } from "lucide-react";
import type { BatchKind, KindEstimate, Presentation } from "@/api/types";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { isOpen } from "@/features/batches/kinds";
import { span, useTimes } from "@/features/batches/use-times";
import { useLive } from "@/features/live/store";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  kind: BatchKind;
  Icon: LucideIcon;
  estimate: KindEstimate | null;
}

/** One action: what it would do now, why it cannot, or how far it is. */
export function ActionRow({ presentation, kind, Icon, estimate }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { range } = useTimes();
  const id = presentation.id;
  const running = useLive((live) => live.of[id]?.batches.find((batch) => batch.kind === kind && isOpen(batch)));
  const toMake = estimate?.toGenerate ?? 0;
  const fresh = estimate !== null && !estimate.error && toMake === 0;
  const reason = estimate?.error?.message ?? null;
  const time = span(estimate?.timeS);
  const cost = estimate?.estimatedCostUsd ?? 0;
  const noteId = `note-${kind}`;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4 sm:flex-nowrap sm:p-5">
      <span className="grid size-11 shrink-0 place-items-center rounded-xl bg-accent-wash text-accent max-sm:hidden">
        <Icon size={20} aria-hidden />
      </span>
      <div className="min-w-0 flex-1 basis-full sm:basis-auto">
        <h3 className="font-semibold">{t(`action.${kind}`)}</h3>
        <p className="text-sm text-soft">{t(`about.${kind}`)}</p>
        {running ? (
          <div className="mt-2.5 max-w-md">
            <Progress label={t(`kind.${kind}`)} share={running.share} thin />
            <p className="mt-1.5 text-xs text-soft tabular-nums">
              {t("batch.counts", { done: running.completed + running.skipped, total: running.total })}
            </p>
          </div>
        ) : (
          <p id={noteId} className="mt-1.5 flex min-h-5 flex-wrap items-center gap-x-2 text-sm">
            {estimate === null && <span className="skeleton inline-block h-4 w-44" />}
            {reason && <span className="text-warn">{reason}</span>}
            {fresh && (
              <span className="inline-flex items-center gap-1.5 text-good">
                <CircleCheck size={15} aria-hidden /> {t("actions.fresh", { count: estimate.totalSlides ?? 0 })}
              </span>
            )}
            {!reason && toMake > 0 && (
              <>
                <span>
                  {t("actions.toMake", { count: toMake, total: estimate?.totalSlides ?? 0 })}
                </span>
                {(estimate?.skipped ?? 0) > 0 && <span>· {t("actions.skipped", { count: estimate?.skipped ?? 0 })}</span>}
                {time && time[1] >= 5 && <span className="text-soft">· {range(time)}</span>}
                {cost > 0 && <span className="text-soft">· {money(cost, language)}</span>}
              </>
            )}
          </p>
        )}
      </div>
      {running ? (
        <Button busy className="max-sm:w-full" onClick={() => go(`/presentations/${id}/batches/${running.id}`)}>
          {t("action.watch")}
        </Button>
      ) : (
        <Button
          kind={kind === "all_avatar_videos_generation" && !fresh ? "primary" : "plain"}
          className="max-sm:w-full"
          disabled={estimate === null || reason !== null}
          aria-describedby={noteId}
          onClick={() => go(`/presentations/${id}/make/${kind}`)}
        >
          {t(`action.${kind}`)}
        </Button>
      )}
    </li>
  );
}
