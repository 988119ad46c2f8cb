import { ArrowDown, ArrowUp, ChevronLeft, ChevronRight, Eye, EyeOff } from "lucide-react";
import { useLayoutEffect, useRef } from "react";
import type { Presentation, Slide } from "@/api/types";
import { Button, buttonClass } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { useLive } from "@/features/live/store";
import { AnalysisPart } from "@/features/slides/components/analysis-part";
import { AvatarVideoPart } from "@/features/slides/components/avatar-video-part";
import { NarrativeEditor } from "@/features/slides/components/narrative-editor";
import { NotesPart } from "@/features/slides/components/notes-part";
import { SlideNotices } from "@/features/slides/components/slide-notices";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { SpeechPart } from "@/features/slides/components/speech-part";
import { isChanged, useDrafts } from "@/features/slides/drafts";
import { outdated } from "@/features/slides/use-draft";
import { useOrder } from "@/features/slides/use-order";
import { useT } from "@/lib/i18n";

/** One slide with all that there is of it. */
export function SlideView({ presentation, slide }: { presentation: Presentation; slide: Slide }) {
  const t = useT();
  const { move, toggle } = useOrder(presentation);
  const top = useRef<HTMLElement>(null);
  const status = useLive((live) => live.of[presentation.id]?.slides[slide.id]);
  const changed = useDrafts(({ of }) => isChanged(of[slide.id]));
  const made = changed ? outdated(slide) : slide;
  const title = slide.title || t("slide.untitled");
  useLayoutEffect(() => {
    if ((top.current?.getBoundingClientRect().top ?? 0) < 0) top.current?.scrollIntoView({ block: "start" });
  }, []);
  const { slides } = presentation;
  const place = slides.findIndex((each) => each.id === slide.id);
  const shared = { presentationId: presentation.id, slide: made, status };
  return (
    <article ref={top} className="scroll-mt-4" aria-label={title}>
      <div className="mb-3 flex flex-wrap items-center gap-x-1 gap-y-2">
        <nav aria-label={t("slide.place", { place: place + 1, total: slides.length })} className="-ml-2 flex items-center">
          <Neighbour presentationId={presentation.id} slide={slides[place - 1]} label={t("slide.previous")} icon={<ChevronLeft size={18} aria-hidden />} />
          <span className="min-w-16 text-center text-sm text-soft tabular-nums" aria-hidden>
            {t("slide.place", { place: place + 1, total: slides.length })}
          </span>
          <Neighbour presentationId={presentation.id} slide={slides[place + 1]} label={t("slide.next")} icon={<ChevronRight size={18} aria-hidden />} />
        </nav>
        <div className="ml-auto flex items-center gap-1">
          <Button kind="quiet" size="icon" aria-label={t("slide.moveUp")} title={t("slide.moveUp")} disabled={place === 0} icon={<ArrowUp size={16} aria-hidden />} onClick={() => move(place, place - 1)} />
          <Button kind="quiet" size="icon" aria-label={t("slide.moveDown")} title={t("slide.moveDown")} disabled={place === slides.length - 1} icon={<ArrowDown size={16} aria-hidden />} onClick={() => move(place, place + 1)} />
          <Button size="small" icon={slide.included ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />} onClick={() => toggle(slide)}>
            {t(slide.included ? "slide.leaveOut" : "slide.takeIn")}
          </Button>
        </div>
      </div>
      <h2 className="mb-5 text-xl font-semibold sm:text-2xl">{title}</h2>
      <SlideNotices presentationId={presentation.id} slide={slide} status={status} />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-6">
          <SlidePicture slide={slide} eager described={t("slide.picture", { title })} className="shadow-card" />
          <NarrativeEditor presentation={presentation} slide={slide} status={status} />
        </div>
        <div className="space-y-6">
          <SpeechPart {...shared} />
          <AvatarVideoPart {...shared} />
          <AnalysisPart presentationId={presentation.id} slide={slide} />
          <NotesPart slide={slide} />
        </div>
      </div>
    </article>
  );
}

interface NeighbourProps {
  presentationId: string;
  slide: Slide | undefined;
  label: string;
  icon: React.ReactNode;
}

function Neighbour({ presentationId, slide, label, icon }: NeighbourProps) {
  if (!slide) {
    return <Button kind="quiet" size="icon" aria-label={label} disabled icon={icon} />;
  }
  return (
    <Link to={`/presentations/${presentationId}/slides/${slide.id}`} className={buttonClass("quiet", "icon")} aria-label={label} title={slide.title || undefined}>
      {icon}
    </Link>
  );
}
