import type { BatchStatus } from "@/api/types";
import { Badge, type Tone } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { isKind, isOpen } from "@/features/batches/kinds";
import { useLive } from "@/features/live/store";
import { moment, money } from "@/lib/format";
import { knownKey, useT, useWords } from "@/lib/i18n";

const NONE: BatchStatus[] = [];
const SHOWN = 8;

export function toneOf(batch: { state: string }): Tone {
  if (batch.state === "completed") return "good";
  if (batch.state === "partial") return "warn";
  if (batch.state === "failed") return "bad";
  return isOpen(batch) ? "accent" : "neutral";
}

/** The batches of late, each a way back into its dialog. */
export function BatchHistory({ presentationId }: { presentationId: string }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const batches = useLive((live) => live.of[presentationId]?.batches ?? NONE);
  if (batches.length === 0) return null;
  return (
    <section>
      <h2 className="mb-2 text-sm font-semibold">{t("history.title")}</h2>
      <ul className="card divide-y divide-line">
        {batches.slice(0, SHOWN).map((batch) => {
          const state = knownKey(`batchState.${batch.state}`);
          return (
            <li key={batch.id} className="relative px-4 py-3 transition-colors first:rounded-t-[14px] last:rounded-b-[14px] hover:bg-hover">
              <div className="flex items-start justify-between gap-3">
                <Link
                  to={`/presentations/${presentationId}/batches/${batch.id}`}
                  className="text-sm font-semibold after:absolute after:inset-0"
                >
                  {isKind(batch.kind) ? t(`kind.${batch.kind}`) : batch.label}
                </Link>
                <Badge tone={toneOf(batch)}>{state ? t(state) : batch.state}</Badge>
              </div>
              <p className="mt-0.5 text-xs text-soft tabular-nums">
                {moment(batch.createdAt, language)} ·{" "}
                {t("batch.counts", { done: batch.completed + batch.skipped, total: batch.total })}
                {batch.costUsd > 0 && ` · ${money(batch.costUsd, language)}`}
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
