import { useMutation } from "@tanstack/react-query";
import { Play, RotateCw, Square } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import type { BatchKind, Slide } from "@/api/types";
import { asRefusal } from "@/api/refusal";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { startForSlide } from "@/features/batches/api/start";
import { StatusBadge } from "@/features/batches/components/status-badge";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { clock } from "@/lib/format";
import { knownKey, tNow, useT } from "@/lib/i18n";

export interface RowStatus {
  slideId: string;
  slideNumber: number;
  step: string | null;
  status: string;
  reused: boolean;
  avatarVideoId: string | null;
  error: { code: string; message: string; retryable: boolean | null } | null;
  startedAt: string | null;
  endedAt: string | null;
}

interface Props {
  presentationId: string;
  status: RowStatus;
  slide: Slide | null;
  kind: BatchKind;
  now: number;
  busy: boolean;
}

/** One slide in a batch: where it is, how long, why not, and what can be done. */
export function BatchRow({ presentationId, status, slide, kind, now, busy }: Props) {
  const t = useT();
  const [playing, setPlaying] = useState(false);
  const retry = useMutation({
    mutationFn: () => startForSlide(status.slideId, kind, false),
    onSuccess: ({ batchId }) => go(`/presentations/${presentationId}/batches/${batchId}`),
    onError: (error) => toast.error(asRefusal(error).message || tNow("error.unreachable")),
  });
  const started = status.startedAt ? Date.parse(status.startedAt) : null;
  const elapsed = started === null ? null : ((status.endedAt ? Date.parse(status.endedAt) : now) - started) / 1000;
  const step = knownKey(`step.${status.step}`);
  const moving = !status.endedAt && started !== null;
  const playable = playableOf(status, slide, kind);
  const failed = status.status === "failed" || status.status === "timed_out";
  const place = slide?.position ?? status.slideNumber; // in the film, which may be in another order than the deck
  const name = slide?.title || t("slide.untitled");
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      {slide ? <SlidePicture slide={slide} className="w-[88px] shrink-0" /> : <span className="slide-frame w-[88px]" />}
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-semibold">
          <span className="text-soft tabular-nums">{place}.</span> {name}
        </p>
        <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-xs text-soft">
          <StatusBadge status={status.status} reused={status.reused} />
          {moving && step && <span>{t(step)}</span>}
          {elapsed !== null && elapsed >= 1 && <span className="tabular-nums">{clock(elapsed)}</span>}
        </p>
      </div>
      {failed && (
        <Button
          size="small"
          icon={<RotateCw size={14} aria-hidden />}
          busy={retry.isPending}
          disabled={busy}
          aria-label={t("row.retry", { number: place })}
          onClick={() => retry.mutate()}
        >
          {t("action.retry")}
        </Button>
      )}
      {playable && (
        <Button
          size="small"
          icon={playing ? <Square size={13} aria-hidden /> : <Play size={14} aria-hidden />}
          aria-expanded={playing}
          aria-label={t("row.play", { number: place })}
          onClick={() => setPlaying(!playing)}
        >
          <span className="max-sm:sr-only">{t(playing ? "action.close" : "action.play")}</span>
        </Button>
      )}
      {status.error && <p className="basis-full text-sm text-bad">{status.error.message}</p>}
      {playing && playable && (
        <div className="basis-full">
          {playable.video ? (
            <video
              controls
              autoPlay
              playsInline
              src={playable.url}
              aria-label={t("row.play", { number: place })}
              className="aspect-video w-full rounded-xl bg-sunk"
            />
          ) : (
            <audio controls autoPlay src={playable.url} aria-label={t("row.play", { number: place })} className="w-full" />
          )}
        </div>
      )}
    </div>
  );
}

function playableOf(status: RowStatus, slide: Slide | null, kind: BatchKind): { url: string; video: boolean } | null {
  if (status.status !== "completed" && status.status !== "skipped") return null;
  if (kind === "presentation_video" && slide?.clipUrl) return { url: slide.clipUrl, video: true };
  if (kind === "all_audio_generation" && slide?.speech) return { url: slide.speech.audioUrl, video: false };
  const video = slide?.avatarVideo;
  const made = kind === "all_avatar_videos_generation" && video?.status === "completed";
  return made ? { url: video.videoUrl, video: true } : null;
}
