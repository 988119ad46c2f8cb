import { LoaderCircle, TriangleAlert } from "lucide-react";
import type { KeyboardEvent } from "react";
import type { Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { useLive } from "@/features/live/store";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { isAtWork, standOf } from "@/features/slides/made";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slide: Slide;
  place: number;
  current: boolean;
  onMove: (by: 1 | -1) => void;
}

/** One slide in the list: what it is, and how it stands. */
export function SlideRow({ presentationId, slide, place, current, onMove }: Props) {
  const t = useT();
  const status = useLive((live) => live.of[presentationId]?.slides[slide.id]);
  const stand = standOf(slide, status);
  function onKey(event: KeyboardEvent) {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    onMove(event.key === "ArrowUp" ? -1 : 1);
  }
  return (
    <Link
      to={`/presentations/${presentationId}/slides/${slide.id}`}
      draggable
      aria-current={current ? "true" : undefined}
      aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
      onKeyDown={onKey}
      className={cx(
        "flex h-[86px] items-center gap-3 rounded-xl p-2 transition-colors hover:bg-hover",
        current && "lg:bg-hover",
      )}
    >
      <span className="w-5 shrink-0 text-right text-xs text-soft tabular-nums">{place}</span>
      <SlidePicture slide={slide} className={cx("w-[108px] shrink-0", !slide.included && "opacity-40")} />
      <span className="min-w-0 flex-1">
        <span className="line-clamp-2 text-sm leading-snug">{slide.title || t("slide.untitled")}</span>
        <span className="mt-1 flex items-center gap-1.5">
          {stand && (
            <Badge
              tone={stand.tone}
              icon={isAtWork(status) && <LoaderCircle size={11} className="animate-spin" aria-hidden />}
            >
              {t(stand.key)}
            </Badge>
          )}
          {slide.warnings.length > 0 && (
            <TriangleAlert size={14} className="text-warn" aria-label={t("slide.hasWarnings")} role="img" />
          )}
        </span>
      </span>
    </Link>
  );
}
