import { Captions, Download, Film as FilmIcon } from "lucide-react";
import { useRef } from "react";
import type { Presentation } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Link } from "@/components/ui/link";
import { Notice } from "@/components/ui/notice";
import { Chapters } from "@/features/film/components/chapters";
import { Player } from "@/features/film/components/player";
import { ShareLinks } from "@/features/film/components/share-links";
import { SlideDownloads } from "@/features/film/components/slide-downloads";
import { clock, moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** The film: to see, to take away, to share. */
export function FilmTab({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const player = useRef<HTMLVideoElement>(null);
  const { film } = presentation;
  const make = `/presentations/${presentation.id}/make/presentation_video`;
  if (film === null) {
    return (
      <Empty icon={<FilmIcon size={28} aria-hidden />} title={t("film.none")} text={t("film.noneText")}>
        <Link to={make} className={buttonClass("primary")}>
          {t("action.presentation_video")}
        </Link>
      </Empty>
    );
  }
  function jump(seconds: number) {
    const video = player.current;
    if (!video) return;
    video.currentTime = seconds;
    void video.play().catch(() => undefined); // the browser wants the person to begin
    video.focus();
  }
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_320px]">
      <div className="min-w-0">
        <Player ref={player} film={film} title={presentation.title} />
        <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-soft">
          <span className="tabular-nums">{clock(film.durationS)}</span>
          <span>{t("film.made", { time: moment(film.createdAt, language) })}</span>
          {film.stale && <Badge tone="warn">{t("slide.stale")}</Badge>}
        </div>
        {film.stale && (
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
        <div className="mt-5 flex flex-wrap gap-2.5">
          <a className={buttonClass("primary")} href={`${film.videoUrl}?download=1`} download>
            <Download size={16} aria-hidden /> {t("film.download")}
          </a>
          <a className={buttonClass()} href={`${film.captions.srtUrl}?download=1`} download>
            <Captions size={16} aria-hidden /> SRT
          </a>
          <a className={buttonClass()} href={`${film.captions.vttUrl}?download=1`} download>
            <Captions size={16} aria-hidden /> WebVTT
          </a>
        </div>
        <SlideDownloads slides={presentation.slides} />
      </div>
      <aside className="space-y-7">
        <Chapters chapters={film.chapters} player={player} onJump={jump} />
        <ShareLinks presentationId={presentation.id} />
      </aside>
    </div>
  );
}
