import { toast } from "@/components/ui/toast";
import { asRefusal } from "@/api/refusal";
import type { Presentation, Slide } from "@/api/types";
import { useChange } from "@/features/presentation/api/presentation";
import { say } from "@/features/slides/said";
import { tNow } from "@/lib/i18n";

/** Moves slides in the film's order, and leaves them out of it or takes them in again; said to who cannot see it. */
export function useOrder(presentation: Presentation) {
  const change = useChange(presentation.id);
  const { slides } = presentation;
  const onError = (error: unknown) =>
    toast.error(asRefusal(error).message || tNow("error.unreachable"), { description: tNow("slides.asBefore") });
  const nameOf = (slide: Slide) => slide.title || tNow("slide.untitled");

  function move(from: number, to: number) {
    const slide = slides[from];
    if (!slide || to < 0 || to >= slides.length || from === to) return;
    const order = slides.map((each) => each.id);
    order.splice(to, 0, ...order.splice(from, 1));
    say(tNow("slide.moved", { title: nameOf(slide), position: to + 1, total: slides.length }));
    change.mutate({ order }, { onError });
  }

  function toggle(slide: Slide) {
    say(tNow(slide.included ? "slide.saidOut" : "slide.saidIn", { title: nameOf(slide) }));
    change.mutate(slide.included ? { exclude: [slide.id] } : { include: [slide.id] }, { onError });
  }
  return { move, toggle };
}
