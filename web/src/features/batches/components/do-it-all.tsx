import { FlaskConical, Rocket } from "lucide-react";
import { useMutation } from "@tanstack/react-query";
import { toast } from "sonner";
import type { KindEstimate, Presentation } from "@/api/types";
import { asRefusal } from "@/api/refusal";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { startForSlide } from "@/features/batches/api/start";
import { isOpen } from "@/features/batches/kinds";
import { useLive } from "@/features/live/store";
import { useT } from "@/lib/i18n";

/** The whole chain at once; or one slide of it first, to see and hear the presenter before paying for all. */
export function DoItAll({ presentation, estimate }: { presentation: Presentation; estimate: KindEstimate | null }) {
  const t = useT();
  const id = presentation.id;
  const working = useLive((live) => live.of[id]?.batches.some(isOpen) ?? false);
  const first = presentation.slides.find((slide) => slide.included && slide.avatarVideo === null);
  const one = useMutation({
    mutationFn: (slideId: string) => startForSlide(slideId, "all_avatar_videos_generation", false),
    onSuccess: ({ batchId }) => go(`/presentations/${id}/batches/${batchId}`),
    onError: (error) => toast.error(asRefusal(error).message || t("error.unreachable")),
  });
  const blocked = working || estimate === null || Boolean(estimate.error);
  return (
    <section className="rounded-2xl bg-accent-wash p-5">
      <h2 className="font-semibold">{t("all.title")}</h2>
      <p className="mt-1 text-sm text-soft">{t("all.text")}</p>
      <div className="mt-4 flex flex-col gap-2.5">
        <Button
          kind="primary"
          disabled={blocked}
          icon={<Rocket size={16} aria-hidden />}
          onClick={() => go(`/presentations/${id}/make/presentation_video`)}
        >
          {t("all.do")}
        </Button>
        {first && (
          <Button
            disabled={blocked || one.isPending}
            busy={one.isPending}
            icon={<FlaskConical size={16} aria-hidden />}
            onClick={() => one.mutate(first.id)}
          >
            {t("all.one")}
          </Button>
        )}
      </div>
      {first && <p className="mt-2.5 text-xs text-soft">{t("all.oneHint")}</p>}
    </section>
  );
}
