import { Play, RefreshCw, Square } from "lucide-react";
import { useState } from "react";
import type { BatchRequest, Presentation, Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { MakeOne } from "@/features/batches/components/make-one";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { clock } from "@/lib/format";
import { useT } from "@/lib/i18n";

type Made = Slide & { avatarVideo: NonNullable<Slide["avatarVideo"]> };

interface Props {
  presentation: Presentation;
  request: BatchRequest;
}

/** The avatar videos there are, each with its state, to be played and made anew by itself. */
export function ExistingVideos({ presentation, request }: Props) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [again, setAgain] = useState<Slide | null>(null);
  const made = presentation.slides.filter(
    (slide): slide is Made => slide.included && slide.avatarVideo?.status === "completed",
  );
  const stale = made.filter((slide) => slide.avatarVideo.stale).length;
  const counts = [
    made.length > stale && t("existing.fresh", { count: made.length - stale }),
    stale > 0 && t("existing.stale", { count: stale }),
  ].filter(Boolean);
  return (
    <section aria-labelledby="existing">
      <div className="flex flex-wrap items-center gap-2">
        <h3 id="existing" className="text-sm font-semibold">
          {t("existing.title")}
        </h3>
        <span className="text-sm text-soft">{made.length === 0 ? t("existing.none") : counts.join(", ")}</span>
        {made.length > 0 && (
          <Button size="small" className="ml-auto" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t(open ? "existing.hide" : "existing.show")}
          </Button>
        )}
      </div>
      {open && (
        <ul className="mt-3 max-h-96 divide-y divide-line overflow-y-auto rounded-xl border border-line px-3">
          {made.map((slide) => (
            <li key={slide.id}>
              <Row slide={slide} onAgain={() => setAgain(slide)} />
            </li>
          ))}
        </ul>
      )}
      {again && (
        <MakeOne
          presentation={presentation}
          slide={again}
          request={{ ...request, selectedSlideIds: undefined }}
          again
          onClose={() => setAgain(null)}
        />
      )}
    </section>
  );
}

function Row({ slide, onAgain }: { slide: Made; onAgain: () => void }) {
  const t = useT();
  const [playing, setPlaying] = useState(false);
  const video = slide.avatarVideo;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 py-2.5">
      <SlidePicture slide={slide} className="w-16 shrink-0" />
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-semibold">
          <span className="text-soft tabular-nums">{slide.position}.</span> {slide.title || t("slide.untitled")}
        </p>
        <p className="mt-0.5 flex items-center gap-2 text-xs text-soft tabular-nums">
          <Badge tone={video.stale ? "warn" : "good"}>{t(video.stale ? "slide.stale" : "presence.fresh")}</Badge>
          {video.durationS !== null && clock(video.durationS)}
        </p>
      </div>
      <Button
        size="icon"
        kind="quiet"
        aria-expanded={playing}
        aria-label={t("row.play", { number: slide.position })}
        icon={playing ? <Square size={14} aria-hidden /> : <Play size={15} aria-hidden />}
        onClick={() => setPlaying(!playing)}
      />
      <Button
        size="small"
        aria-label={t("existing.againOf", { number: slide.position })}
        icon={<RefreshCw size={13} aria-hidden />}
        onClick={onAgain}
      >
        <span className="max-sm:sr-only">{t("existing.again")}</span>
      </Button>
      {playing && (
        <video
          controls
          autoPlay
          playsInline
          src={video.videoUrl}
          aria-label={t("part.avatarVideo.of", { title: slide.title })}
          className="aspect-video w-full basis-full rounded-lg bg-sunk object-contain"
        />
      )}
    </div>
  );
}
