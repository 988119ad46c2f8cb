import { GripVertical, LoaderCircle, TriangleAlert } from "lucide-react";
import { memo, type KeyboardEvent, type PointerEvent } from "react";
import type { Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { useLive } from "@/features/live/store";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { isChanged, useDrafts } from "@/features/slides/drafts";
import { isAtWork, standOf } from "@/features/slides/made";
import { outdated } from "@/features/slides/use-draft";
import { allOf, inWords, warningsOf } from "@/features/slides/warnings";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slide: Slide;
  place: number;
  current: boolean;
  onKey: (event: KeyboardEvent, place: number) => void;
  onGrip: (event: PointerEvent, place: number) => void;
}

/** One slide in the list: what it is, and how it stands. Drawn anew only where that changes, not as the list scrolls. */
export const SlideRow = memo(function SlideRow({ presentationId, slide, place, current, onKey, onGrip }: Props) {
  const t = useT();
  const status = useLive((live) => live.of[presentationId]?.slides[slide.id]);
  const unsaved = useDrafts(({ of }) => of[slide.id]?.state === "refused");
  const changed = useDrafts(({ of }) => isChanged(of[slide.id]));
  const stand = unsaved
    ? ({ key: "slide.unsaved", tone: "bad" } as const)
    : standOf(changed ? outdated(slide) : slide, status);
  const warnings = allOf(warningsOf(slide, status));
  const warned = t("warnings.count", {
    count: warnings.length,
    titles: warnings.map((warning) => inWords(warning, t).title).join("; "),
  });
  return (
    <div
      className={cx(
        "group flex h-[80px] items-center rounded-xl pr-2 transition-colors hover:bg-hover",
        current && "lg:bg-accent-wash lg:hover:bg-accent-wash",
      )}
    >
      <span
        aria-hidden
        onPointerDown={(event) => onGrip(event, place)}
        className="grid h-full w-5 shrink-0 cursor-grab touch-none place-items-center text-soft opacity-70 group-hover:opacity-100 active:cursor-grabbing"
      >
        <GripVertical size={15} />
      </span>
      <Link
        to={`/presentations/${presentationId}/slides/${slide.id}`}
        data-slide={slide.id}
        draggable={false}
        aria-current={current ? "true" : undefined}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        onKeyDown={(event) => onKey(event, place)}
        className="flex h-full min-w-0 flex-1 items-center gap-2.5 rounded-lg outline-offset-0"
      >
        <span className="w-[22px] shrink-0 text-right text-xs text-soft tabular-nums">{place}</span>
        <SlidePicture slide={slide} className={cx("w-[104px] shrink-0", !slide.included && "opacity-40")} />
        <span className="min-w-0 flex-1">
          <span className={cx("line-clamp-2 text-sm leading-snug", !slide.included && "text-soft")}>
            {slide.title || t("slide.untitled")}
          </span>
          {(stand !== null || warnings.length > 0) && (
            <span className="mt-1 flex min-h-5 items-center gap-1.5">
              {stand && (
                <Badge
                  tone={stand.tone}
                  icon={isAtWork(status) && status?.startedAt && <LoaderCircle size={11} className="animate-spin" aria-hidden />}
                >
                  {t(stand.key)}
                </Badge>
              )}
              {warnings.length > 0 && (
                <span role="img" aria-label={warned} title={warned} className="text-warn">
                  <TriangleAlert size={14} aria-hidden />
                </span>
              )}
            </span>
          )}
        </span>
      </Link>
    </div>
  );
});
