import { Captions, Download } from "lucide-react";
import type { Film, Slide } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { useT } from "@/lib/i18n";

/** The film, its captions and each slide's part of it, to take away. */
export function Downloads({ film, slides }: { film: Film; slides: Slide[] }) {
  const t = useT();
  const made = slides.filter((slide) => slide.included && slide.clipUrl !== null);
  return (
    <section aria-label={t("film.downloads")} className="mt-6">
      <div className="flex flex-wrap gap-2.5">
        <a className={buttonClass("primary")} href={`${film.videoUrl}?download=1`} download>
          <Download size={16} aria-hidden /> {t("film.download")}
        </a>
        <a className={buttonClass()} href={`${film.captions.srtUrl}?download=1`} download>
          <Captions size={16} aria-hidden /> {t("film.captionsAs", { format: "SRT" })}
        </a>
        <a className={buttonClass()} href={`${film.captions.vttUrl}?download=1`} download>
          <Captions size={16} aria-hidden /> {t("film.captionsAs", { format: "WebVTT" })}
        </a>
      </div>
      {made.length > 0 && (
        <details className="mt-5 text-sm">
          <summary className="w-fit rounded font-semibold hover:text-accent">{t("film.singles", { count: made.length })}</summary>
          <ul className="mt-3 grid gap-x-6 sm:grid-cols-2">
            {made.map((slide) => (
              <li key={slide.id} className="min-w-0">
                <a
                  href={`${slide.clipUrl}?download=1`}
                  download
                  className="flex items-center gap-2.5 rounded-lg px-2 py-2 hover:bg-hover"
                >
                  <Download size={14} className="shrink-0 text-soft" aria-hidden />
                  <span className="truncate">
                    {slide.position}. {slide.title || t("slide.untitled")}
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
