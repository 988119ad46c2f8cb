import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Presentation } from "@/api/types";
import { SlideRow } from "@/features/slides/components/slide-row";
import { useDrag, type Drag } from "@/features/slides/use-drag";
import { useOrder } from "@/features/slides/use-order";
import { useRows } from "@/features/slides/use-rows";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

const ROW_PX = 84;

/** Every slide in the order of the film; only those in sight are drawn. Dragged, or moved with Alt and the arrows. */
export function SlideRail({ presentation, slideId }: { presentation: Presentation; slideId: string | null }) {
  const t = useT();
  const { slides } = presentation;
  const { move } = useOrder(presentation);
  const list = useRef<HTMLOListElement>(null);
  const focus = useRef<string | null>(null);
  const [from, to] = useRows(list, slides.length, ROW_PX);
  const { drag, begin } = useDrag(list, slides.length, ROW_PX, move);

  function reveal(index: number, block: ScrollLogicalPosition = "nearest") {
    const mark = list.current?.querySelector<HTMLElement>("[data-mark]");
    if (!mark) return;
    mark.style.top = `${index * ROW_PX}px`;
    mark.scrollIntoView({ block });
  }
  useLayoutEffect(() => {
    const index = slides.findIndex((slide) => slide.id === slideId);
    const rail = list.current?.parentElement;
    if (index > 0 && rail && rail.scrollHeight > rail.clientHeight) rail.scrollTop = (index - 1) * ROW_PX;
  }, []); // only once: afterwards the person scrolls
  useEffect(() => {
    if (focus.current === null) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-slide="${focus.current}"]`);
    row?.focus({ preventScroll: true });
    if (row) focus.current = null;
  });

  function onKey(event: KeyboardEvent, index: number) {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const goal = event.key === "Home" ? 0 : event.key === "End" ? slides.length - 1 : index + by;
    if (goal === index || goal < 0 || goal >= slides.length || event.ctrlKey || event.metaKey) return;
    if (event.altKey && by === 0) return;
    event.preventDefault();
    focus.current = slides[event.altKey ? index : goal]?.id ?? null;
    if (event.altKey) move(index, goal);
    else list.current?.querySelector<HTMLElement>(`[data-slide="${focus.current}"]`)?.focus({ preventScroll: true });
    reveal(goal);
  }

  const latest = useRef({ onKey, begin });
  latest.current = { onKey, begin };
  const [stable] = useState(() => ({
    onKey: (event: KeyboardEvent, place: number) => latest.current.onKey(event, place - 1),
    onGrip: (event: PointerEvent, place: number) => latest.current.begin(event, place - 1),
  }));

  return (
    <ol ref={list} aria-label={t("tab.slides")} className="relative" style={{ height: slides.length * ROW_PX }}>
      <li data-mark aria-hidden className="pointer-events-none absolute -z-10 w-px scroll-my-4" style={{ height: ROW_PX }} />
      {slides.map((slide, index) => {
        const dragged = drag?.from === index;
        if (!dragged && (index < from || index >= to)) return null;
        return (
          <li
            key={slide.id}
            aria-setsize={slides.length}
            aria-posinset={index + 1}
            className={cx(
              "absolute inset-x-0 top-0",
              drag && !dragged && "transition-transform duration-150",
              dragged && "z-10 rounded-xl bg-surface shadow-float",
            )}
            style={{ height: ROW_PX, transform: `translateY(${index * ROW_PX + roomFor(drag, index)}px)` }}
          >
            <SlideRow
              presentationId={presentation.id}
              slide={slide}
              place={index + 1}
              current={slide.id === slideId}
              onKey={stable.onKey}
              onGrip={stable.onGrip}
            />
          </li>
        );
      })}
    </ol>
  );
}

/** How far a row stands from its place while one is dragged: the others make room for it. */
function roomFor(drag: Drag | null, index: number): number {
  if (drag === null) return 0;
  if (index === drag.from) return drag.byPx;
  if (index > drag.from && index < drag.before) return -ROW_PX;
  return index < drag.from && index >= drag.before ? ROW_PX : 0;
}
