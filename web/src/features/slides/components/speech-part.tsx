import type { Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { MakeButton } from "@/features/slides/components/make-button";
import { Part } from "@/features/slides/components/part";
import { clock } from "@/lib/format";
import { useT } from "@/lib/i18n";

/** The spoken narrative, to listen to. */
export function SpeechPart({ presentationId, slide }: { presentationId: string; slide: Slide }) {
  const t = useT();
  const { speech } = slide;
  return (
    <Part
      title={t("part.speech")}
      badge={
        speech && (
          <Badge tone={speech.stale ? "warn" : "neutral"}>
            {speech.stale ? t("slide.stale") : clock(speech.durationS)}
          </Badge>
        )
      }
      action={
        <MakeButton
          presentationId={presentationId}
          slideId={slide.id}
          kind="all_audio_generation"
          anew={speech !== null && !speech.stale}
          label={t(speech && !speech.stale ? "make.again" : "make.speak")}
        />
      }
    >
      {speech ? (
        <audio
          key={speech.audioUrl + speech.durationS}
          controls
          preload="none"
          src={speech.audioUrl}
          aria-label={t("part.speech.of", { title: slide.title })}
          className="h-10 w-full"
        />
      ) : (
        <p className="text-sm text-soft">{t("part.speech.none")}</p>
      )}
    </Part>
  );
}
