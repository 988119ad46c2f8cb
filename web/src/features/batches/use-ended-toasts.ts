import { useEffect, useRef } from "react";
import { toast } from "@/components/ui/toast";
import type { BatchStatus } from "@/api/types";
import { go } from "@/app/router";
import { isKind, isOpen } from "@/features/batches/kinds";
import { useLive } from "@/features/live/store";
import { tNow } from "@/lib/i18n";

const NONE: BatchStatus[] = [];

/** One toast for each batch that ends while its dialog is not open. */
export function useEndedToasts(id: string): void {
  const batches = useLive((live) => live.of[id]?.batches ?? NONE);
  const seen = useRef(new Set<string>());
  useEffect(() => {
    for (const batch of batches) {
      if (isOpen(batch)) {
        seen.current.add(batch.id);
        continue;
      }
      if (!seen.current.delete(batch.id)) continue;
      const dialog = `/presentations/${id}/batches/${batch.id}`;
      if (window.location.pathname !== dialog && batch.total > 1) tell(batch, dialog);
    }
  }, [batches, id]);
}

function tell(batch: BatchStatus, dialog: string): void {
  const name = isKind(batch.kind) ? tNow(`kind.${batch.kind}`) : batch.label;
  const words = tNow("toast.counts", { done: batch.completed + batch.skipped, total: batch.total });
  const more = { description: words, action: { label: tNow("action.show"), onClick: () => go(dialog) } };
  if (batch.state === "completed") toast.success(tNow("toast.completed", { name }), more);
  else if (batch.state === "cancelled") toast(tNow("toast.cancelled", { name }), more);
  else toast.warning(tNow("toast.partial", { name }), more);
}
