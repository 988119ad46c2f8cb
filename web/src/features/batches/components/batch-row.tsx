import { useMutation } from "@tanstack/react-query";
import { CircleHelp, Play, RotateCw, Square } from "lucide-react";
import { useState } from "react";
import type { BatchKind, Slide } from "@/api/types";
import { asRefusal } from "@/api/refusal";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { refusalText } from "@/components/ui/refusal-text";
import { startForSlide } from "@/features/batches/api/start";
import { Resolve } from "@/features/batches/components/resolve";
import { RowPlayer } from "@/features/batches/components/row-player";
import { RowReason } from "@/features/batches/components/row-reason";
import { StatusBadge } from "@/features/batches/components/status-badge";
import { ordinal } from "@/features/batches/queue-place";
import { playableOf, type RowStatus } from "@/features/batches/row-status";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { clock } from "@/lib/format";
import { knownKey, useT, useWords } from "@/lib/i18n";

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
  const language = useWords((words) => words.language);
  const [playing, setPlaying] = useState(false);
  const [settling, setSettling] = useState(false);
  const retry = useMutation({
    mutationFn: () => startForSlide(status.slideId, kind, false),
    onSuccess: ({ batchId }) => go(`/presentations/${presentationId}/batches/${batchId}`),
  });
  const started = status.startedAt ? Date.parse(status.startedAt) : null;
  const elapsed = started === null ? null : ((status.endedAt ? Date.parse(status.endedAt) : now) - started) / 1000;
  const step = knownKey(`step.${status.step}`);
  const moving = !status.endedAt && started !== null;
  const playable = playableOf(status, slide, kind);
  const failed = status.status === "failed" || status.status === "timed_out";
  const unresolved = status.status === "unresolved" && status.avatarVideoId !== null;
  const place = slide?.position ?? status.slideNumber; // in the film, which may be in another order than the deck
  const queued = typeof status.queuePosition === "number" && !status.endedAt ? status.queuePosition : null;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      {slide ? <SlidePicture slide={slide} className="w-[88px] shrink-0" /> : <span className="slide-frame w-[88px]" />}
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-semibold">
          <span className="text-soft tabular-nums">{place}.</span> {slide?.title || t("slide.untitled")}
        </p>
        <p className="mt-1 flex min-h-5 flex-wrap items-center gap-x-2.5 gap-y-1 text-xs text-soft">
          <StatusBadge status={status.status} reused={status.reused} />
          {moving && step && <span>{t(step)}</span>}
          {queued !== null && <span>{t("row.place", { place: ordinal(queued, language) })}</span>}
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
          <span className="max-sm:sr-only">{t("action.retry")}</span>
        </Button>
      )}
      {unresolved && (
        <Button
          size="small"
          icon={<CircleHelp size={14} aria-hidden />}
          aria-label={t("row.settle", { number: place })}
          onClick={() => setSettling(true)}
        >
          <span className="max-sm:sr-only">{t("action.settle")}</span>
        </Button>
      )}
      {playable && (
        <Button
          size="small"
          icon={playing ? <Square size={13} aria-hidden /> : <Play size={14} aria-hidden />}
          aria-expanded={playing}
          aria-label={playing ? `${t("action.close")}: ${place}. ${slide?.title ?? ""}` : t("row.play", { number: place })}
          onClick={() => setPlaying(!playing)}
        >
          <span className="max-sm:sr-only">{t(playing ? "action.close" : "action.play")}</span>
        </Button>
      )}
      <RowReason status={status} />
      {retry.isError && (
        <p role="alert" className="basis-full text-sm text-bad">
          {refusalText(asRefusal(retry.error), t).title}
        </p>
      )}
      {playing && playable && <RowPlayer playable={playable} label={t("row.play", { number: place })} />}
      {settling && status.avatarVideoId !== null && (
        <Resolve
          presentationId={presentationId}
          avatarVideoId={status.avatarVideoId}
          place={place}
          onClose={() => setSettling(false)}
        />
      )}
    </div>
  );
}
