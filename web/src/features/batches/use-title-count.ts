import { useEffect } from "react";
import type { Watched } from "@/features/batches/components/batch-summary";
import { isOpen } from "@/features/batches/kinds";

/** How far a batch is, in the tab's title: to be seen from another tab, also that it has ended. */
export function useTitleCount(title: string, batch: Watched | null): void {
  const done = batch ? batch.completed + batch.skipped : 0;
  const total = batch?.total ?? 0;
  const sign = batch && !isOpen(batch) ? (batch.state === "completed" ? "✓ " : "! ") : "";
  const shown = batch !== null;
  useEffect(() => {
    if (!shown) return;
    document.title = `${sign}(${done}/${total}) ${title} · Deckcast`;
    return () => {
      document.title = `${title} · Deckcast`;
    };
  }, [shown, sign, done, total, title]);
}
