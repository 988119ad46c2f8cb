import { UserRound } from "lucide-react";
import { useState } from "react";
import type { Slide, SlideStatus } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Attempts } from "@/features/slides/components/attempts";
import { MakeButton } from "@/features/slides/components/make-button";
import { None } from "@/features/slides/components/none";
import { Part } from "@/features/slides/components/part";
import { isMaking } from "@/features/slides/made";
import { clock } from "@/lib/format";
import { useT } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slide: Slide;
  status: SlideStatus | undefined;
}

/** The presenter's video of a slide, and the attempts at it. */
export function AvatarVideoPart({ presentationId, slide, status }: Props) {
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
          slide={slide}
          kind="all_avatar_videos_generation"
          anew={fresh}
          label={t(fresh ? "make.again" : "make.video")}
        />
      }
    >
      {there ? (
        <Player key={video.id} url={video.videoUrl} label={t("part.avatarVideo.of", { title: slide.title || t("slide.untitled") })} />
      ) : (
        <None icon={<UserRound size={18} aria-hidden />}>
          {t(isMaking(status, "all_avatar_videos_generation") ? "part.avatarVideo.making" : "part.avatarVideo.none")}
        </None>
      )}
      <Attempts presentationId={presentationId} slide={slide} />
    </Part>
  );
}

/** Plays; a link that has run out is renewed once by itself. */
function Player({ url, label }: { url: string; label: string }) {
  const t = useT();
  const [tries, setTries] = useState(0);
  const broken = tries % 2 === 1;
  return (
    <div className="relative overflow-hidden rounded-lg bg-sunk">
      <video
        key={Math.floor(tries / 2)}
        controls
        playsInline
        preload="metadata"
        src={url}
        aria-label={label}
        className="aspect-video max-h-80 w-full object-contain"
        onError={() => setTries((now) => now + (now === 0 ? 2 : 1 - (now % 2)))}
      />
      {broken && (
        <div role="alert" className="absolute inset-0 grid place-content-center justify-items-center gap-3 bg-sunk p-4 text-center text-sm">
          {t("part.avatarVideo.broken")}
          <Button size="small" onClick={() => setTries((now) => now + 1)}>
            {t("action.tryAgain")}
          </Button>
        </div>
      )}
    </div>
  );
}
