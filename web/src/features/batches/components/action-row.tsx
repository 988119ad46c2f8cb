import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { BatchKind, KindEstimate, Presentation } from "@/api/types";
import { Refusal } from "@/api/refusal";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { refusalText } from "@/components/ui/refusal-text";
import { ActionNote, isFresh } from "@/features/batches/components/action-note";
import { isOpen } from "@/features/batches/kinds";
import { span, useTimes } from "@/features/batches/use-times";
import { useLive } from "@/features/live/store";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  kind: BatchKind;
  Icon: LucideIcon;
  estimate: KindEstimate | null;
  /** Whether the estimate cannot be had now. */
  failed: boolean;
}

/** One action: what it would do now, why it cannot, or how far it is. */
export function ActionRow({ presentation, kind, Icon, estimate, failed }: Props) {
  const t = useT();
  const { range } = useTimes();
  const id = presentation.id;
  const running = useLive((live) => live.of[id]?.batches.find((batch) => batch.kind === kind && isOpen(batch)));
  const why = estimate?.error ? new Refusal({ code: estimate.error.code, detail: estimate.error.message }) : null;
  const fresh = estimate !== null && isFresh(presentation, kind, estimate);
  const eta = span(running?.etaS);
  const noteId = `note-${kind}`;
  const mark = running ? "animate-spin motion-reduce:animate-none" : "";
  const Mark = running ? LoaderCircle : Icon;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4 sm:flex-nowrap sm:p-5">
      <span className="grid size-11 shrink-0 place-items-center rounded-xl bg-accent-wash text-accent max-sm:hidden">
        <Mark size={20} className={mark} aria-hidden />
      </span>
      <div className="min-w-0 flex-1 basis-full sm:basis-auto">
        <h3 className="font-semibold">{t(`action.${kind}`)}</h3>
        <p className="text-sm text-soft">{t(`about.${kind}`)}</p>
        {running ? (
          <div className="mt-2 flex min-h-5 max-w-md flex-wrap items-center gap-x-3 gap-y-1 text-xs text-soft tabular-nums">
            <span className="min-w-32 flex-1">
              <Progress
                label={t(`kind.${kind}`)}
                share={running.state === "planning" ? null : running.share}
                thin
              />
            </span>
            <span>
              {t("batch.counts", { done: running.completed + running.skipped, total: running.total })}
              {eta && ` · ${t("batch.left", { time: range(eta) })}`}
            </span>
          </div>
        ) : (
          <ActionNote
            id={noteId}
            presentation={presentation}
            kind={kind}
            estimate={estimate}
            why={why && refusalText(why, t)}
            unknown={failed}
          />
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
          disabled={(estimate === null && !failed) || (why !== null && why.code !== "over_cap")}
          aria-describedby={noteId}
          onClick={() => go(`/presentations/${id}/make/${kind}`)}
        >
          {t(`action.${kind}`)}
        </Button>
      )}
    </li>
  );
}
