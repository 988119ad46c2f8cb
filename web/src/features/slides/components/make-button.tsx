import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RefreshCw, WandSparkles } from "lucide-react";
import { useId, useState } from "react";
import { asRefusal } from "@/api/refusal";
import type { BatchKind, Slide } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { refusalText } from "@/components/ui/refusal-text";
import { estimateQuery } from "@/features/batches/api/estimate";
import { useLive } from "@/features/live/store";
import { makeForSlide } from "@/features/slides/api/make";
import { isAtWork, isMaking } from "@/features/slides/made";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slide: Slide;
  kind: BatchKind;
  label: string;
  /** Whether it is there and up to date already: then it is made anew on purpose. */
  anew: boolean;
}

/** Has one thing of one slide made. What costs money, or writes over a person's words, is asked for first. */
export function MakeButton({ presentationId, slide, kind, label, anew }: Props) {
  const t = useT();
  const why = useId();
  const language = useWords((words) => words.language);
  const queries = useQueryClient();
  const [costUsd, setCostUsd] = useState<number | null>(null);
  const status = useLive((live) => live.of[presentationId]?.slides[slide.id]);
  const overEdit = kind === "all_narratives_generation" && slide.narrative?.source === "edited";
  const make = useMutation({ mutationFn: () => makeForSlide(slide.id, kind, anew || overEdit), onSuccess: () => setCostUsd(null) });
  const price = useMutation({
    mutationFn: async () => {
      const wish = { selectedSlideIds: [slide.id], regenerateExisting: anew };
      return (await queries.fetchQuery(estimateQuery(presentationId, kind, wish))).estimatedCostUsd;
    },
    onSuccess: (usd) => (usd > 0 || overEdit ? setCostUsd(usd) : make.mutate()),
  });
  const making = isMaking(status, kind);
  const held = !making && isAtWork(status);
  const busy = making || make.isPending || price.isPending;
  const refused = (make.isError && costUsd === null ? make.error : null) ?? price.error;
  const { title, next } = refused ? refusalText(asRefusal(refused), t) : { title: "", next: null };
  const asked = costUsd !== null;
  return (
    <>
      <Button
        size="small"
        className="ml-auto"
        busy={busy}
        disabled={busy || held}
        aria-describedby={held ? why : undefined}
        title={held ? t("make.held") : undefined}
        icon={anew ? <RefreshCw size={14} aria-hidden /> : <WandSparkles size={14} aria-hidden />}
        onClick={() => {
          make.reset();
          price.mutate();
        }}
      >
        {making ? t("state.working") : label}
      </Button>
      {held && (
        <span id={why} className="sr-only">
          {t("make.held")}
        </span>
      )}
      {refused && (
        <p role="alert" className="basis-full text-sm text-bad">
          {title} {next}
        </p>
      )}
      <Confirm
        open={asked}
        title={t(overEdit ? "make.overTitle" : "make.payTitle")}
        yes={costUsd ? t("make.payYes", { money: money(costUsd, language) }) : t("make.overYes")}
        busy={make.isPending}
        onYes={() => make.mutate()}
        onClose={() => setCostUsd(null)}
      >
        {overEdit && <p>{t("make.overText")}</p>}
        {costUsd !== null && costUsd > 0 && <p className="mt-2">{t(anew ? "make.payAgain" : "make.payText", { money: money(costUsd, language) })}</p>}
        {make.isError && <p role="alert" className="mt-3 text-bad">{refusalText(asRefusal(make.error), t).title}</p>}
      </Confirm>
    </>
  );
}
