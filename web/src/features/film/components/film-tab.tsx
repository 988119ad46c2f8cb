import { useState } from "react";
import type { Presentation } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { Notice } from "@/components/ui/notice";
import { isOpen } from "@/features/batches/kinds";
import { Chapters } from "@/features/film/components/chapters";
import { Downloads } from "@/features/film/components/downloads";
import { FilmInWork } from "@/features/film/components/film-in-work";
import { NoFilm } from "@/features/film/components/no-film";
import { Player } from "@/features/film/components/player";
import { ShareLinks } from "@/features/film/components/share-links";
import { useLive } from "@/features/live/store";
import { clock, moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** The film: to see, to take away, to share. */
export function FilmTab({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [player, setPlayer] = useState<HTMLVideoElement | null>(null);
  const batch = useLive((live) =>
    live.of[presentation.id]?.batches.find((each) => each.kind === "presentation_video"),
  );
  const { film } = presentation;
  const make = `/presentations/${presentation.id}/make/presentation_video`;
  const inWork = batch && isOpen(batch) ? <FilmInWork presentationId={presentation.id} batch={batch} /> : null;
  if (film === null) return inWork ?? <NoFilm presentation={presentation} last={batch ?? null} />;
  function jump(seconds: number) {
    if (!player) return;
    player.currentTime = seconds;
    void player.play().catch(() => undefined); // the browser wants the person to begin
    player.focus();
  }
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_320px]">
      <div className="min-w-0">
        <Player key={film.id} ref={setPlayer} film={film} title={presentation.title} />
        <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-soft">
          <span className="tabular-nums">{clock(film.durationS)}</span>
          <span>{t("film.made", { time: moment(film.createdAt, language) })}</span>
          {film.stale && <Badge tone="warn">{t("slide.stale")}</Badge>}
        </div>
        {inWork && <div className="mt-4">{inWork}</div>}
        {film.stale && !inWork && (
          <div className="mt-4">
            <Notice
              tone="warn"
              title={t("film.stale")}
              action={
                <Link to={make} className={buttonClass("plain", "small")}>
                  {t("film.again")}
                </Link>
              }
            >
              {t("film.staleText")}
            </Notice>
          </div>
        )}
        <Downloads film={film} slides={presentation.slides} />
      </div>
      <aside className="space-y-7">
        <Chapters chapters={film.chapters} player={player} onJump={jump} />
        <ShareLinks presentationId={presentation.id} />
      </aside>
    </div>
  );
}
