import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import type { Presentation } from "@/api/types";
import { SlideRow } from "@/features/slides/components/slide-row";
import { useOrder } from "@/features/slides/use-order";
import { useT } from "@/lib/i18n";

const ROW_PX = 92;

/** Every slide in the order of the film; only those in sight are drawn. Dragged, or moved with Alt and the arrows. */
export function SlideRail({ presentation, slideId }: { presentation: Presentation; slideId: string | null }) {
  const t = useT();
  const { slides, move, said } = useOrder(presentation);
  const box = useRef<HTMLOListElement>(null);
  const [top, setTop] = useState(0);
  const [dragged, setDragged] = useState<number | null>(null);
  useLayoutEffect(() => {
    setTop((box.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({ count: slides.length, estimateSize: () => ROW_PX, overscan: 6, scrollMargin: top });
  return (
    <>
      <p className="mb-2 text-xs text-soft max-lg:hidden">{t("slides.moveHint")}</p>
      <ol
        ref={box}
        aria-label={t("tab.slides")}
        className="relative -mx-2"
        style={{ height: rows.getTotalSize() }}
      >
        {rows.getVirtualItems().map((item) => {
          const slide = slides[item.index];
          if (!slide) return null;
          return (
            <li
              key={slide.id}
              aria-setsize={slides.length}
              aria-posinset={item.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ height: ROW_PX, transform: `translateY(${item.start - top}px)` }}
              onDragStart={() => setDragged(item.index)}
              onDragEnd={() => setDragged(null)}
              onDragOver={(event) => dragged !== null && event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault();
                if (dragged !== null) move(dragged, item.index);
                setDragged(null);
              }}
            >
              <SlideRow
                presentationId={presentation.id}
                slide={slide}
                place={item.index + 1}
                current={slide.id === slideId}
                onMove={(by) => move(item.index, item.index + by)}
              />
            </li>
          );
        })}
      </ol>
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  );
}
