import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { attemptsQuery } from "@/features/slides/api/attempts";
import { MakeButton } from "@/features/slides/components/make-button";
import { Part } from "@/features/slides/components/part";
import { clock, moment, money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** The presenter's video of a slide, and the attempts at it. */
export function AvatarVideoPart({ presentationId, slide }: { presentationId: string; slide: Slide }) {
  const t = useT();
  const video = slide.avatarVideo;
  const there = video?.status === "completed";
  const fresh = there && !video.stale;
  return (
    <Part
      title={t("part.avatarVideo")}
      badge={
        there && (
          <Badge tone={video.stale ? "warn" : "neutral"}>
            {video.stale ? t("slide.stale") : clock(video.durationS ?? 0)}
          </Badge>
        )
      }
      action={
        <MakeButton
          presentationId={presentationId}
          slideId={slide.id}
          kind="all_avatar_videos_generation"
          anew={fresh}
          label={t(fresh ? "make.again" : "make.video")}
        />
      }
    >
      {there ? (
        <video
          key={video.id}
          controls
          playsInline
          preload="metadata"
          src={video.videoUrl}
          aria-label={t("part.avatarVideo.of", { title: slide.title })}
          className="aspect-video w-full rounded-lg bg-sunk object-contain"
        />
      ) : (
        <p className="text-sm text-soft">{t("part.avatarVideo.none")}</p>
      )}
      {video && <Attempts presentationId={presentationId} slideId={slide.id} />}
    </Part>
  );
}

function Attempts({ presentationId, slideId }: { presentationId: string; slideId: string }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [open, setOpen] = useState(false);
  const attempts = useQuery({ ...attemptsQuery(presentationId, slideId), enabled: open });
  return (
    <details className="mt-3 text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="rounded text-soft hover:text-ink">{t("attempts.title")}</summary>
      <ul className="mt-2 divide-y divide-line">
        {attempts.data?.items.map((attempt) => (
          <li key={attempt.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
            <Badge tone={attempt.status === "completed" ? "good" : attempt.error ? "bad" : "neutral"}>
              {t(`status.${attempt.status}`)}
            </Badge>
            <span className="text-soft">{moment(attempt.createdAt, language)}</span>
            {attempt.costUsd > 0 && <span className="text-soft">{money(attempt.costUsd, language)}</span>}
            {attempt.videoUrl && attempt.status === "completed" && (
              <a className="ml-auto text-accent underline-offset-2 hover:underline" href={attempt.videoUrl} target="_blank" rel="noreferrer">
                {t("action.play")}
              </a>
            )}
            {attempt.error && <p className="basis-full text-soft">{attempt.error.message}</p>}
          </li>
        ))}
      </ul>
    </details>
  );
}
