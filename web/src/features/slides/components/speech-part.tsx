import { useQuery } from "@tanstack/react-query";
import { AudioLines } from "lucide-react";
import { useState } from "react";
import type { Slide, SlideStatus } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { voicesQuery } from "@/features/choices/api/catalogue";
import { MakeButton } from "@/features/slides/components/make-button";
import { None } from "@/features/slides/components/none";
import { Part } from "@/features/slides/components/part";
import { Warnings } from "@/features/slides/components/warnings";
import { warningsOf } from "@/features/slides/warnings";
import { clock, languageName } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slide: Slide;
  status: SlideStatus | undefined;
}

/** The spoken narrative, to listen to. */
export function SpeechPart({ presentationId, slide, status }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [broken, setBroken] = useState(0);
  const { speech } = slide;
  const { speech: warnings } = warningsOf(slide, status);
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
          slide={slide}
          kind="all_audio_generation"
          anew={speech !== null && !speech.stale}
          label={t(speech && !speech.stale ? "make.again" : "make.speak")}
        />
      }
    >
      {speech ? (
        <>
          <audio
            key={`${speech.audioUrl} ${speech.durationS} ${broken}`}
            controls
            preload="metadata"
            src={speech.audioUrl}
            aria-label={t("part.speech.of", { title: slide.title })}
            className="h-10 w-full"
            onError={() => broken === 0 && setBroken(1)}
          />
          {broken === 1 && <Unplayable again={() => setBroken(2)} />}
          <p className="mt-2 truncate text-xs text-soft">
            <VoiceName voice={speech.voice} language={speech.language} /> · {languageName(speech.language, language)}
          </p>
          {speech.stale && <p className="mt-1 text-xs text-soft">{t("part.speech.stale")}</p>}
        </>
      ) : (
        <None icon={<AudioLines size={18} aria-hidden />}>{t("part.speech.none")}</None>
      )}
      {warnings.length > 0 && (
        <div className="mt-3">
          <Warnings warnings={warnings} label={t("warnings.ofSpeech")} />
        </div>
      )}
    </Part>
  );
}

function Unplayable({ again }: { again: () => void }) {
  const t = useT();
  return (
    <div role="alert" className="mt-2 flex items-center justify-between gap-3 text-sm text-bad">
      {t("part.speech.broken")}
      <Button size="small" onClick={again}>
        {t("action.tryAgain")}
      </Button>
    </div>
  );
}

/** A voice as the list of voices calls it; by its own id where it is not in the list. */
function VoiceName({ voice, language }: { voice: string; language: string }) {
  const voices = useQuery(voicesQuery(null, language)).data?.items;
  return <>{voices?.find((each) => each.id === voice)?.name ?? voice.slice(voice.indexOf(":") + 1)}</>;
}
