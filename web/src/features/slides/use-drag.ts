import { useEffect, useRef, useState, type PointerEvent as Pressed, type RefObject } from "react";

const EDGE_PX = 70;
const MOST_PX_A_FRAME = 16;

export interface Drag {
  from: number;
  /** Before which row it would be put. */
  before: number;
  /** How far the pointer has gone. */
  byPx: number;
}

/** Drag a row of a list by its handle, with mouse, pen or finger; near an edge the list scrolls on. Escape puts it back. */
export function useDrag(list: RefObject<HTMLElement | null>, count: number, rowPx: number, drop: (from: number, to: number) => void) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const now = useRef<Drag | null>(null);
  const end = useRef<(() => void) | null>(null);
  useEffect(() => () => end.current?.(), []);

  function show(next: Drag | null) {
    now.current = next;
    setDrag(next);
  }

  function begin(event: Pressed, from: number) {
    if (event.button !== 0 || now.current) return;
    event.preventDefault();
    const scroller = scrollerOf(list.current);
    const offset = event.clientY - (list.current?.getBoundingClientRect().top ?? 0) - from * rowPx;
    let y = event.clientY;
    let frame = requestAnimationFrame(follow);

    function follow() {
      frame = requestAnimationFrame(follow);
      const { top, bottom } = seen(scroller);
      const over = y < top + EDGE_PX ? y - top - EDGE_PX : y > bottom - EDGE_PX ? y - bottom + EDGE_PX : 0;
      if (over !== 0) scroller.scrollBy(0, Math.max(-1, Math.min(1, over / EDGE_PX)) * MOST_PX_A_FRAME);
      const at = y - (list.current?.getBoundingClientRect().top ?? 0);
      const before = Math.max(0, Math.min(count, Math.round((at - offset) / rowPx + (at - offset > from * rowPx ? 1 : 0))));
      show({ from, before, byPx: at - offset - from * rowPx });
    }
    const hear: [keyof WindowEventMap, (event: Event) => void][] = [
      ["pointermove", (moved) => (y = (moved as PointerEvent).clientY)],
      ["pointerup", () => finish(true)],
      ["pointercancel", () => finish(false)],
      ["keydown", (key) => (key as KeyboardEvent).key === "Escape" && finish(false)],
    ];
    function finish(dropped: boolean) {
      cancelAnimationFrame(frame);
      for (const [name, heard] of hear) window.removeEventListener(name, heard);
      const last = now.current;
      end.current = null;
      show(null);
      if (dropped && last) drop(from, last.before > from ? last.before - 1 : last.before);
    }
    for (const [name, heard] of hear) window.addEventListener(name, heard);
    end.current = () => finish(false);
    show({ from, before: from, byPx: 0 });
  }
  return { drag, begin };
}

function scrollerOf(element: HTMLElement | null): Element {
  for (let each = element?.parentElement; each; each = each.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(each).overflowY) && each.scrollHeight > each.clientHeight) return each;
  }
  return document.scrollingElement ?? document.documentElement;
}

function seen(scroller: Element): { top: number; bottom: number } {
  if (scroller === document.scrollingElement) return { top: 0, bottom: window.innerHeight };
  const { top, bottom } = scroller.getBoundingClientRect();
  return { top: Math.max(0, top), bottom: Math.min(window.innerHeight, bottom) };
}
