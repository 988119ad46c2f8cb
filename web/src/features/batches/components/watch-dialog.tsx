import { useQuery } from "@tanstack/react-query";
import type { BatchDetail, Presentation } from "@/api/types";
import { asRefusal, Refusal } from "@/api/refusal";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { Link } from "@/components/ui/link";
import { Notice } from "@/components/ui/notice";
import { batchQuery } from "@/features/batches/api/batch";
import { toneOf } from "@/features/batches/components/batch-history";
import { BatchRows } from "@/features/batches/components/batch-rows";
import { BatchSummary } from "@/features/batches/components/batch-summary";
import { WatchFooter } from "@/features/batches/components/watch-footer";
import { isKind } from "@/features/batches/kinds";
import { useTitleCount } from "@/features/batches/use-title-count";
import { providerName } from "@/features/choices/names";
import { LineBadge } from "@/features/live/components/line-badge";
import { useLive } from "@/features/live/store";
import { knownKey, useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  batchId: string;
  onClose: () => void;
}

/** How a batch goes: told live, the same in every tab, found again after a reload. Closing it stops nothing. */
export function WatchDialog({ presentation, batchId, onClose }: Props) {
  const t = useT();
  const detail = useQuery(batchQuery(presentation.id, batchId));
  const live = useLive((store) => store.of[presentation.id]?.batches.find((each) => each.id === batchId));
  const batch = live ?? (detail.data ? settled(detail.data) : null);
  useTitleCount(presentation.title, batch);
  const state = batch && knownKey(`batchState.${batch.state}`);
  const gone = detail.isError && !batch && asRefusal(detail.error).status === 404;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={batch ? (isKind(batch.kind) ? t(`kind.${batch.kind}`) : batch.label) : t("batch.title")}
      description={
        batch && (
          <span className="flex min-h-6 flex-wrap items-center gap-2">
            <Badge tone={toneOf(batch)}>{state ? t(state) : batch.state}</Badge>
            <LineBadge id={presentation.id} />
            {detail.data?.request.provider && <span>{providerName(detail.data.request.provider)}</span>}
          </span>
        )
      }
      footer={batch && <WatchFooter presentation={presentation} batch={batch} onClose={onClose} />}
    >
      {gone && (
        <Notice
          title={t("batch.unknown")}
          action={
            <Link to={`/presentations/${presentation.id}/actions`} className={buttonClass("plain", "small")}>
              {t("tab.actions")}
            </Link>
          }
        />
      )}
      {detail.isError && !gone && (!batch || !detail.data) && (
        <Failure error={detail.error} retry={() => void detail.refetch()} />
      )}
      {batch && <BatchSummary batch={batch} capUsd={detail.data?.request.maxCostUsd ?? null} />}
      {batch?.error && (
        <div className="mt-4">
          <Failure error={new Refusal({ code: batch.error.code, detail: batch.error.message })} />
        </div>
      )}
      {batch && detail.data && <BatchRows presentation={presentation} batch={detail.data} />}
      {detail.isPending && <Waiting summary={!batch} />}
    </Dialog>
  );
}

/** An old batch that nobody tells of any more, as the server keeps it. */
function settled(detail: BatchDetail) {
  const share = detail.total > 0 ? (detail.completed + detail.skipped) / detail.total : 1;
  return { ...detail, share, etaS: null, draining: 0 };
}

function Waiting({ summary }: { summary: boolean }) {
  const t = useT();
  return (
    <div role="status" aria-label={t("state.loading")} className="space-y-4">
      {summary && <div className="skeleton h-[118px] rounded-xl" />}
      {[1, 2, 3].map((each) => (
        <div key={each} className="flex gap-4 py-1">
          <div className="skeleton h-[50px] w-[88px]" />
          <div className="flex-1 space-y-2 py-1">
            <div className="skeleton h-4 w-2/5" />
            <div className="skeleton h-4 w-1/4" />
          </div>
        </div>
      ))}
    </div>
  );
}
