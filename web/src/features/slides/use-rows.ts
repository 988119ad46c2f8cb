import { useLayoutEffect, useState, type RefObject } from "react";

const OVERSCAN = 6;

/** Which rows of a long list are in sight, from and to (exclusive), whatever scrolls it: the page or a box around it. */
export function useRows(box: RefObject<HTMLElement | null>, count: number, rowPx: number): [number, number] {
  const [range, setRange] = useState<[number, number]>([0, Math.min(count, 20)]);
  useLayoutEffect(() => {
    let frame = 0;
    function look() {
      frame = 0;
      const top = box.current?.getBoundingClientRect().top ?? 0;
      const from = Math.max(0, Math.floor(-top / rowPx) - OVERSCAN);
      const to = Math.min(count, Math.ceil((window.innerHeight - top) / rowPx) + OVERSCAN);
      setRange((was) => (was[0] === from && was[1] === to ? was : [Math.min(from, to), to]));
    }
    const soon = () => (frame ||= requestAnimationFrame(look));
    look();
    window.addEventListener("scroll", soon, { capture: true, passive: true });
    window.addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", soon, { capture: true });
      window.removeEventListener("resize", soon);
    };
  }, [box, count, rowPx]);
  return range;
}
