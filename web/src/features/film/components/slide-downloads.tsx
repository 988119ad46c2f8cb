import { Download } from "lucide-react";
import type { Slide } from "@/api/types";
import { useT } from "@/lib/i18n";

/** Each slide's part of the film by itself. */
export function SlideDownloads({ slides }: { slides: Slide[] }) {
  const t = useT();
  const made = slides.filter((slide) => slide.included && slide.clipUrl !== null);
  if (made.length === 0) return null;
  return (
    <details className="mt-6 text-sm">
      <summary className="w-fit rounded font-semibold hover:text-accent">{t("film.singles", { count: made.length })}</summary>
      <ul className="mt-3 grid gap-x-6 sm:grid-cols-2">
        {made.map((slide) => (
          <li key={slide.id} className="min-w-0">
            <a href={`${slide.clipUrl}?download=1`} download className="flex items-center gap-2.5 rounded-lg px-2 py-2 hover:bg-hover">
              <Download size={14} className="shrink-0 text-soft" aria-hidden />
              <span className="truncate">
                {slide.position}. {slide.title || t("slide.untitled")}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
