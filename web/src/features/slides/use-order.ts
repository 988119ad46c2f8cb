import { useState } from "react";
import { toast } from "sonner";
import { asRefusal } from "@/api/refusal";
import type { Presentation, Slide } from "@/api/types";
import { useChange } from "@/features/presentation/api/presentation";
import { useT } from "@/lib/i18n";

/** The slides in the order of the film, shown as the person wants it before the server has answered. */
export function useOrder(presentation: Presentation) {
  const t = useT();
  const change = useChange(presentation.id);
  const [said, setSaid] = useState("");
  const wanted = change.isPending ? change.variables.order : null;
  const slides = wanted ? inOrder(presentation.slides, wanted) : presentation.slides;

  function move(from: number, to: number) {
    const slide = slides[from];
    if (!slide || to < 0 || to >= slides.length || from === to) return;
    const order = slides.map((each) => each.id);
    order.splice(to, 0, ...order.splice(from, 1));
    setSaid(t("slide.moved", { title: slide.title, position: to + 1, total: slides.length }));
    change.mutate({ order }, { onError: (error) => toast.error(asRefusal(error).message) });
  }
  return { slides, move, said };
}

function inOrder(slides: Slide[], order: string[]): Slide[] {
  const place = new Map(order.map((id, index) => [id, index]));
  return [...slides].sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
}
