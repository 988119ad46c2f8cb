import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, type KeyboardEvent, type ReactNode } from "react";
import type { RowStatus } from "@/features/batches/row-status";
import { useT } from "@/lib/i18n";

const ROW_PX = 76;

/** Of very many rows, those in sight and a few around them. */
export function Windowed({ rows, row }: { rows: RowStatus[]; row: (status: RowStatus) => ReactNode }) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.slideId ?? index,
    overscan: 8,
  });
  function onKey(event: KeyboardEvent) {
    if (event.target !== event.currentTarget || (event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault(); // the browser's own way ends where the rows were thought to end before they were measured
    virtual.scrollToIndex(event.key === "End" ? rows.length - 1 : 0);
  }
  return (
    <div
      ref={scroller}
      className="mt-4 h-[50vh] overflow-y-auto"
      tabIndex={0}
      role="group"
      aria-label={t("tab.slides")}
      onKeyDown={onKey}
    >
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
