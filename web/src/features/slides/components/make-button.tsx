import { useMutation } from "@tanstack/react-query";
import { RefreshCw, WandSparkles } from "lucide-react";
import { toast } from "sonner";
import { asRefusal } from "@/api/refusal";
import type { BatchKind } from "@/api/types";
import { Button } from "@/components/ui/button";
import { startForSlide } from "@/features/batches/api/start";
import { useLive } from "@/features/live/store";
import { isAtWork } from "@/features/slides/made";
import { tNow, useT } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slideId: string;
  kind: BatchKind;
  label: string;
  /** Whether it is there and up to date already: then it is made anew on purpose. */
  anew: boolean;
}

/** Has one thing of one slide made. */
export function MakeButton({ presentationId, slideId, kind, label, anew }: Props) {
  const t = useT();
  const status = useLive((live) => live.of[presentationId]?.slides[slideId]);
  const make = useMutation({
    mutationFn: () => startForSlide(slideId, kind, anew),
    onError: (error) => {
      const { message, nextStep } = asRefusal(error);
      toast.error(message || tNow("error.unreachable"), { description: nextStep });
    },
  });
  const working = isAtWork(status);
  return (
    <Button
      size="small"
      busy={make.isPending || working}
      disabled={make.isPending || working}
      icon={anew ? <RefreshCw size={14} aria-hidden /> : <WandSparkles size={14} aria-hidden />}
      onClick={() => make.mutate()}
    >
      {working ? t("state.working") : label}
    </Button>
  );
}
