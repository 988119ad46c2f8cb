import { useMutation } from "@tanstack/react-query";
import { Volume2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Presentation } from "@/api/types";
import { asRefusal } from "@/api/refusal";
import { Button } from "@/components/ui/button";
import { refusalText } from "@/components/ui/refusal-text";
import { startForSlide } from "@/features/batches/api/start";
import { useLive } from "@/features/live/store";
import { useT } from "@/lib/i18n";

/** The chosen voice, heard on the first slide that has something to say: spoken now where it is not yet. */
export function HearVoice({ presentation, saving }: { presentation: Presentation; saving: boolean }) {
  const t = useT();
  const player = useRef<HTMLAudioElement>(null);
  const [waitingFor, setWaitingFor] = useState<string | null>(null);
  const slide = presentation.slides.find((each) => each.included && (each.narrative?.text ?? each.notes).trim() !== "");
  const status = useLive((live) => (slide ? live.of[presentation.id]?.slides[slide.id] : undefined));
  const speak = useMutation({
    mutationFn: (slideId: string) => startForSlide(slideId, "all_audio_generation", false),
    onSuccess: ({ batchId }) => setWaitingFor(batchId),
  });
  const speech = slide?.speech && !slide.speech.stale ? slide.speech : null;
  const ended = waitingFor !== null && status?.batchId === waitingFor && status.endedAt !== null;
  const failed = ended && status.status === "failed" ? status.error?.message : null;
  const url = speech?.audioUrl;
  useEffect(() => {
    if (!ended || url === undefined) return;
    setWaitingFor(null);
    void player.current?.play().catch(() => undefined); // the browser wants the person to begin
  }, [ended, url]);
  if (!slide) return null;
  const busy = speak.isPending || (waitingFor !== null && !ended);
  return (
    <div className="mt-2">
      {speech && <audio ref={player} src={speech.audioUrl} preload="none" />}
      <Button
        size="small"
        busy={busy}
        disabled={busy || saving}
        icon={<Volume2 size={14} aria-hidden />}
        onClick={() => (speech ? void player.current?.play() : speak.mutate(slide.id))}
      >
        {t(busy ? "voice.speaking" : "voice.hear", { number: slide.position })}
      </Button>
      {(speak.isError || failed) && (
        <p role="alert" className="mt-1.5 text-xs text-bad">
          {failed ?? refusalText(asRefusal(speak.error), t).title}
        </p>
      )}
    </div>
  );
}
