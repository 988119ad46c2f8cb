import { useEffect, useRef, useState, type Ref } from "react";
import { Button } from "@/components/ui/button";
import { languageName } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Shown {
  videoUrl: string;
  posterUrl: string;
  captions: { language: string; vttUrl: string };
}

interface Props {
  film: Shown;
  title: string;
  ref?: Ref<HTMLVideoElement>;
}

/** The film with its captions. A link that has run out is renewed where the film was. */
export function Player({ film, title, ref }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [renewed, setRenewed] = useState(0);
  const [broken, setBroken] = useState(false);
  const at = useRef(0);
  useEffect(() => setBroken(false), [film.videoUrl]);
  function failed() {
    if (renewed === 0) setRenewed(1);
    else setBroken(true);
  }
  return (
    <div className="relative overflow-hidden rounded-2xl bg-black shadow-float">
      <video
        ref={ref}
        key={renewed}
        controls
        playsInline
        preload="metadata"
        poster={film.posterUrl}
        src={film.videoUrl}
        aria-label={t("film.of", { title })}
        className="aspect-video w-full"
        onTimeUpdate={(event) => (at.current = event.currentTarget.currentTime)}
        onLoadedMetadata={(event) => {
          if (renewed > 0) event.currentTarget.currentTime = at.current;
        }}
        onError={failed}
      >
        <track
          kind="captions"
          src={film.captions.vttUrl}
          srcLang={film.captions.language}
          label={languageName(film.captions.language, language)}
          default
        />
      </video>
      {broken && (
        <div role="alert" className="absolute inset-0 grid place-content-center gap-3 bg-black/85 p-6 text-center text-white">
          {t("film.broken")}
          <Button
            onClick={() => {
              setBroken(false);
              setRenewed(renewed + 1);
            }}
          >
            {t("action.tryAgain")}
          </Button>
        </div>
      )}
    </div>
  );
}
