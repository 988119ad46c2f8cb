import { ArrowLeft, Images } from "lucide-react";
import { useLayoutEffect, useRef } from "react";
import type { Presentation } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Link } from "@/components/ui/link";
import { useLive } from "@/features/live/store";
import { SlideRail } from "@/features/slides/components/slide-rail";
import { SlideView } from "@/features/slides/components/slide-view";
import { Warnings } from "@/features/slides/components/warnings";
import { useSaid } from "@/features/slides/said";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

/** The slides beside the one that is looked at; on a small screen one or the other. */
export function SlidesTab({ presentation, slideId }: { presentation: Presentation; slideId: string | null }) {
  const t = useT();
  const said = useSaid((store) => store.text);
  const ofBatch = useLive((live) => live.of[presentation.id]?.batches[0]?.warnings);
  const slide = presentation.slides.find((each) => each.id === slideId) ?? presentation.slides[0];
  const chosen = slideId !== null;
  useListPlace(chosen);
  const warnings = [...presentation.warnings, ...(ofBatch ?? [])];
  if (!slide) return <Empty icon={<Images size={28} aria-hidden />} title={t("slides.empty")} text={t("slides.emptyText")} />;
  return (
    <>
      {warnings.length > 0 && (
        <div className={cx("mb-6", chosen && "max-lg:hidden")}>
          <Warnings warnings={warnings} label={t("warnings.ofDeck")} />
        </div>
      )}
      <div className="gap-8 lg:grid lg:grid-cols-[316px_minmax(0,1fr)]">
        <div className={cx("lg:sticky lg:top-4 lg:h-fit", chosen && "max-lg:hidden")}>
          <p className="mb-2 pl-2 text-xs text-soft">
            <span className="max-lg:hidden">{t("slides.moveHint")}</span>
            <span className="lg:hidden">{t("slides.hintTouch")}</span>
          </p>
          <div className="-mx-2 lg:mr-0 lg:max-h-[calc(100dvh-4rem)] lg:overflow-y-auto lg:overscroll-contain lg:p-1 lg:[scrollbar-width:thin]">
            <SlideRail presentation={presentation} slideId={slide.id} />
          </div>
        </div>
        <div className={cx("min-w-0", !chosen && "max-lg:hidden")}>
          {chosen && (
            <Link
              to={`/presentations/${presentation.id}/slides`}
              className={cx(buttonClass("quiet", "small"), "mb-3 -ml-2 lg:hidden")}
            >
              <ArrowLeft size={15} aria-hidden /> {t("slides.all")}
            </Link>
          )}
          <SlideView key={slide.id} presentation={presentation} slide={slide} />
        </div>
      </div>
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  );
}

/** On a small screen: a slide is shown from its beginning, and the list again where it was left. */
function useListPlace(chosen: boolean): void {
  const at = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (window.matchMedia("(min-width: 64rem)").matches) return;
    if (chosen) {
      window.scrollTo(0, 0);
      return;
    }
    if (at.current !== null) window.scrollTo(0, at.current);
    const remember = () => (at.current = window.scrollY);
    window.addEventListener("scroll", remember, { passive: true });
    return () => window.removeEventListener("scroll", remember);
  }, [chosen]);
}
