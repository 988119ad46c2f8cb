import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { BatchDetail, Presentation } from "@/api/types";
import { BatchRow, type RowStatus } from "@/features/batches/components/batch-row";
import { isOpen } from "@/features/batches/kinds";
import { useNow } from "@/features/batches/use-times";
import { useLive } from "@/features/live/store";
import { useT } from "@/lib/i18n";

const ROW_PX = 76;
const MANY = 40;

/** A row for each slide of a batch, as it is now; of many, only those in sight are drawn. */
export function BatchRows({ presentation, batch }: { presentation: Presentation; batch: BatchDetail }) {
  const t = useT();
  const live = useLive((store) => store.of[presentation.id]);
  const shown = live?.batches.find((each) => each.id === batch.id) ?? batch;
  const now = useNow(isOpen(shown));
  const scroller = useRef<HTMLDivElement>(null);
  const slides = new Map(presentation.slides.map((slide) => [slide.id, slide]));
  const rows = batch.items.map((item): RowStatus => {
    const status = live?.slides[item.slideId];
    return status?.batchId === batch.id ? { ...item, ...status, slideNumber: item.slideNumber, slideId: item.slideId } : item;
  });
  const windowed = rows.length > MANY;
  const virtual = useVirtualizer({
    count: windowed ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const row = (status: RowStatus) => (
    <BatchRow
      presentationId={presentation.id}
      status={status}
      slide={slides.get(status.slideId) ?? null}
      kind={batch.kind}
      now={now}
      busy={isOpen(shown)}
    />
  );
  if (!windowed) {
    return (
      <ul className="mt-5 divide-y divide-line" aria-label={t("tab.slides")}>
        {rows.map((status) => (
          <li key={status.slideId}>{row(status)}</li>
        ))}
      </ul>
    );
  }
  return (
    <div ref={scroller} className="mt-5 h-[50vh] overflow-y-auto" tabIndex={0} role="group" aria-label={t("tab.slides")}>
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const status = rows[item.index];
          return (
            status && (
              <li
                key={status.slideId}
                ref={virtual.measureElement}
                data-index={item.index}
                aria-setsize={rows.length}
                aria-posinset={item.index + 1}
                className="absolute inset-x-0 top-0 border-b border-line"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row(status)}
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}
