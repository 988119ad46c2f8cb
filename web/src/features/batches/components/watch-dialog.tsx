import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Presentation } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { Notice } from "@/components/ui/notice";
import { batchQuery } from "@/features/batches/api/batch";
import { toneOf } from "@/features/batches/components/batch-history";
import { BatchRows } from "@/features/batches/components/batch-rows";
import { BatchSummary } from "@/features/batches/components/batch-summary";
import { WatchFooter } from "@/features/batches/components/watch-footer";
import { LineBadge } from "@/features/live/components/line-badge";
import { useLive } from "@/features/live/store";
import { isKind } from "@/features/batches/kinds";
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
  const batch = live ?? (detail.data ? { ...detail.data, share: 1, etaS: null, draining: 0 } : null);
  const done = batch ? batch.completed + batch.skipped : 0;
  const title = presentation.title;
  useEffect(() => {
    if (!batch) return;
    document.title = `(${done}/${batch.total}) ${title} · Deckcast`;
    return () => {
      document.title = `${title} · Deckcast`;
    };
  }, [batch, done, title]);

  const state = batch && knownKey(`batchState.${batch.state}`);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={batch ? (isKind(batch.kind) ? t(`kind.${batch.kind}`) : batch.label) : t("batch.title")}
      description={
        batch && (
          <span className="flex flex-wrap items-center gap-2">
            <Badge tone={toneOf(batch)}>{state ? t(state) : batch.state}</Badge>
            <LineBadge id={presentation.id} />
          </span>
        )
      }
      footer={batch && <WatchFooter presentation={presentation} batch={batch} onClose={onClose} />}
    >
      {detail.isError && !batch && <Failure error={detail.error} retry={() => void detail.refetch()} />}
      {!batch && detail.isPending && <div className="skeleton h-64" />}
      {batch && (
        <>
          <BatchSummary batch={batch} />
          {batch.error && (
            <div className="mt-4">
              <Notice tone="bad" title={batch.error.message} />
            </div>
          )}
          {detail.data && <BatchRows presentation={presentation} batch={detail.data} />}
          {!detail.data && <div className="skeleton mt-6 h-64" />}
        </>
      )}
    </Dialog>
  );
}
