import { useEffect, useState } from "react";
import type { Film } from "@/api/types";
import { cx } from "@/lib/cx";
import { clock } from "@/lib/format";
import { useT } from "@/lib/i18n";

interface Props {
  chapters: Film["chapters"];
  player: HTMLVideoElement | null;
  onJump: (seconds: number) => void;
}

/** The slides in the film, to jump to. */
export function Chapters({ chapters, player, onJump }: Props) {
  const t = useT();
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (!player) return;
    const follow = () => setAt(player.currentTime);
    player.addEventListener("timeupdate", follow);
    player.addEventListener("seeking", follow);
    return () => {
      player.removeEventListener("timeupdate", follow);
      player.removeEventListener("seeking", follow);
    };
  }, [player]);
  const current = chapters.findLastIndex((chapter) => chapter.startS <= at + 0.05);
  return (
    <nav aria-label={t("film.chapters")}>
      <h2 className="mb-2 text-sm font-semibold">{t("film.chapters")}</h2>
      <ol className="card max-h-[60vh] divide-y divide-line overflow-y-auto">
        {chapters.map((chapter, index) => (
          <li key={chapter.slideId}>
            <button
              type="button"
              aria-current={index === current ? "true" : undefined}
              className={cx("flex w-full gap-3 px-4 py-2.5 text-left text-sm hover:bg-hover", index === current && "bg-accent-wash font-semibold")}
              onClick={() => onJump(chapter.startS)}
            >
              <span className="w-10 shrink-0 text-soft tabular-nums">{clock(chapter.startS)}</span>
              <span className="min-w-0">{chapter.title || t("slide.untitled")}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
