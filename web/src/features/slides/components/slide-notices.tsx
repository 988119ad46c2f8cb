import { Refusal } from "@/api/refusal";
import type { Slide, SlideStatus } from "@/api/types";
import { Notice } from "@/components/ui/notice";
import { refusalText } from "@/components/ui/refusal-text";
import { MakeButton } from "@/features/slides/components/make-button";
import { SettleButton } from "@/features/slides/components/settle-button";
import { Warnings } from "@/features/slides/components/warnings";
import { isAtWork, kindOf } from "@/features/slides/made";
import { warningsOf } from "@/features/slides/warnings";
import { useT } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slide: Slide;
  status: SlideStatus | undefined;
}

/** What a person should know of a slide before anything else. */
export function SlideNotices({ presentationId, slide, status }: Props) {
  const t = useT();
  const { slide: warnings } = warningsOf(slide, status);
  const failed = status?.error && !isAtWork(status) ? status.error : null;
  const open = status?.status === "unresolved" ? status.avatarVideoId : null;
  const again = kindOf(status?.step);
  const { title, next } = failed
    ? refusalText(new Refusal({ code: failed.code, detail: failed.message }), t)
    : { title: "", next: null };
  if (slide.included && !failed && warnings.length === 0) return null;
  return (
    <div className="mb-6 space-y-3">
      {!slide.included && <Notice>{t(slide.hidden ? "slide.leftOutHidden" : "slide.leftOutText")}</Notice>}
      {failed && (
        <Notice
          tone={open ? "warn" : "bad"}
          title={t(open ? "slide.unresolved" : "slide.failed")}
          action={
            open ? (
              <SettleButton presentationId={presentationId} avatarVideoId={open} place={slide.position} />
            ) : (
              again && (
                <div className="flex flex-wrap items-center gap-2">
                  <MakeButton presentationId={presentationId} slide={slide} kind={again} anew={false} label={t("action.tryAgain")} />
                </div>
              )
            )
          }
        >
          <p>{title}</p>
          {next && <p>{next}</p>}
        </Notice>
      )}
      <Warnings warnings={warnings} label={t("warnings.label")} />
    </div>
  );
}
