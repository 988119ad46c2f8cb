import { ChevronLeft, ChevronRight, LoaderCircle } from "lucide-react";
import { useState } from "react";
import type { Choices, Presentation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { previewUrl } from "@/features/choices/api/preview";
import { usePicture } from "@/features/choices/use-picture";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  choices: Choices;
  provider: string;
  avatarId: string | null;
  /** Whether a choice is on its way to the server, so that another picture is about to come. */
  saving: boolean;
}

/** How a slide of the film will look, composed by what composes the film, before anything is made. */
export function PresenterStill({ presentation, choices, provider, avatarId, saving }: Props) {
  const t = useT();
  const [at, setAt] = useState(0);
  const slides = presentation.slides.filter((slide) => slide.included);
  const slide = slides[at] ?? slides[0];
  const wanted = slide ? previewUrl(slide.id, choices, provider, avatarId) : null;
  const still = usePicture(wanted, slide?.id ?? "");
  const waits = saving || still.state === "loading";
  const title = slide?.title || t("slide.untitled");
  return (
    <figure>
      <div className="slide-frame relative shadow-card" aria-busy={waits}>
        {slide?.imageUrl && still.url === null && (
          <img src={slide.imageUrl} alt="" className={cx("size-full object-contain", waits && "opacity-60")} />
        )}
        {still.url !== null && (
          <img src={still.url} alt={t("still.of", { title })} className="absolute inset-0 size-full object-contain" />
        )}
        {waits && (
          <span className="absolute top-2.5 right-2.5 grid size-8 place-items-center rounded-full bg-surface/90 text-accent shadow-card">
            <LoaderCircle size={16} className="animate-spin" aria-hidden />
          </span>
        )}
      </div>
      <figcaption className="mt-2.5 flex min-h-9 items-center gap-2 text-sm">
        <span className="min-w-0 flex-1 truncate text-soft">
          {still.state === "failed" ? (
            <span className="text-warn">{t("still.failed")}</span>
          ) : (
            <>
              <span className="tabular-nums">{slide?.position}.</span> {title}
            </>
          )}
        </span>
        {still.state === "failed" && (
          <Button size="small" onClick={still.again}>
            {t("action.tryAgain")}
          </Button>
        )}
        <Button
          size="icon"
          disabled={at === 0}
          aria-label={t("still.before")}
          icon={<ChevronLeft size={16} aria-hidden />}
          onClick={() => setAt(Math.max(0, at - 1))}
        />
        <Button
          size="icon"
          disabled={at >= slides.length - 1}
          aria-label={t("still.next")}
          icon={<ChevronRight size={16} aria-hidden />}
          onClick={() => setAt(at + 1)}
        />
      </figcaption>
    </figure>
  );
}
