import type { BatchKind, Presentation, Slide } from "@/api/types";
import { Button } from "@/components/ui/button";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";
import type { Key } from "@/lib/words/en";

interface Props {
  presentation: Presentation;
  kind: BatchKind;
  selected: string[] | null;
  open: boolean;
  onOpen: (open: boolean) => void;
  onChange: (selected: string[] | null) => void;
}

/** Which slides, each with what there is of it; all that belong to the film unless some are chosen. */
export function SlidePicker({ presentation, kind, selected, open, onOpen, onChange }: Props) {
  const t = useT();
  const slides = presentation.slides.filter((slide) => slide.included);
  const chosen = new Set(selected ?? slides.map((slide) => slide.id));
  function toggle(id: string) {
    const next = slides.map((slide) => slide.id).filter((each) => (each === id ? !chosen.has(id) : chosen.has(each)));
    onChange(next.length === slides.length ? null : next);
  }
  return (
    <fieldset>
      <legend className="sr-only">{t("pick.title")}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-sm font-semibold">{t("pick.title")}</span>
        <span className="text-sm text-soft">
          {selected === null ? t("pick.all", { count: slides.length }) : t("pick.some", { count: chosen.size, total: slides.length })}
        </span>
        <span className="ml-auto flex gap-1">
          {selected !== null && (
            <Button size="small" kind="quiet" onClick={() => onChange(null)}>
              {t("pick.takeAll")}
            </Button>
          )}
          {open && chosen.size > 0 && (
            <Button size="small" kind="quiet" onClick={() => onChange([])}>
              {t("pick.takeNone")}
            </Button>
          )}
          <Button size="small" aria-expanded={open} onClick={() => onOpen(!open)}>
            {t(open ? "pick.close" : "pick.choose")}
          </Button>
        </span>
      </div>
      {open && (
        <ul className="mt-3 grid max-h-80 grid-cols-2 gap-3 overflow-y-auto p-1 sm:grid-cols-3">
          {slides.map((slide) => {
            const on = chosen.has(slide.id);
            return (
              <li key={slide.id}>
                <label
                  className={cx(
                    "relative block cursor-pointer rounded-xl border p-1.5 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-accent",
                    on ? "border-accent bg-accent-wash" : "border-line hover:bg-hover",
                  )}
                >
                  <input
                    type="checkbox"
                    className="absolute top-3 left-3 z-10 size-4 accent-accent"
                    checked={on}
                    onChange={() => toggle(slide.id)}
                  />
                  <SlidePicture slide={slide} />
                  <span className="mt-1 block truncate px-1 text-xs font-semibold">
                    {slide.position}. {slide.title || t("slide.untitled")}
                  </span>
                  <span className="block truncate px-1 text-xs text-soft">{t(presenceOf(slide, kind))}</span>
                </label>
              </li>
            );
          })}
        </ul>
      )}
    </fieldset>
  );
}

/** Whether what the kind makes is there already for a slide. */
function presenceOf(slide: Slide, kind: BatchKind): Key {
  const made = {
    all_slides_analysis: slide.analysis && { stale: false },
    all_narratives_generation: slide.narrative,
    all_audio_generation: slide.speech,
    all_avatar_videos_generation: slide.avatarVideo?.status === "completed" ? slide.avatarVideo : null,
    presentation_video: slide.avatarVideo?.status === "completed" ? slide.avatarVideo : null,
  }[kind];
  if (!made) return "presence.missing";
  return made.stale ? "slide.stale" : "presence.fresh";
}
