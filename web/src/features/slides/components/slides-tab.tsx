import { ArrowLeft } from "lucide-react";
import type { Presentation } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { Notice } from "@/components/ui/notice";
import { SlideRail } from "@/features/slides/components/slide-rail";
import { SlideView } from "@/features/slides/components/slide-view";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

/** The slides beside the one that is looked at; on a small screen one or the other. */
export function SlidesTab({ presentation, slideId }: { presentation: Presentation; slideId: string | null }) {
  const t = useT();
  const slide = presentation.slides.find((each) => each.id === slideId) ?? presentation.slides[0];
  const chosen = slideId !== null;
  return (
    <>
      {presentation.warnings.length > 0 && (
        <div className="mb-5">
          <Notice tone="warn">
            {presentation.warnings.map((warning) => (
              <p key={warning.code + warning.message}>{warning.message}</p>
            ))}
          </Notice>
        </div>
      )}
      <div className="gap-8 lg:grid lg:grid-cols-[300px_minmax(0,1fr)]">
        <div className={cx(chosen && "max-lg:hidden")}>
          <SlideRail presentation={presentation} slideId={slide?.id ?? null} />
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
          {slide && <SlideView key={slide.id} presentation={presentation} slide={slide} />}
        </div>
      </div>
    </>
  );
}
