import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BatchKind, Presentation } from "@/api/types";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { estimateQuery } from "@/features/batches/api/estimate";
import { startBatch, type Wish } from "@/features/batches/api/start";
import { CostCap } from "@/features/batches/components/cost-cap";
import { EstimatePanel } from "@/features/batches/components/estimate-panel";
import { MakeOptions } from "@/features/batches/components/make-options";
import { OverLimit } from "@/features/batches/components/over-limit";
import { Preflight } from "@/features/batches/components/preflight";
import { useProvider } from "@/features/batches/components/presenter-options";
import { OVER, overLimit } from "@/features/batches/limits";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  kind: BatchKind;
  onClose: () => void;
}

/** Asks how something is to be made, and says what it would take and cost, before anything is started. */
export function MakeDialog({ presentation, kind, onClose }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [wish, setWish] = useState<Wish>({ regenerateExisting: false });
  const [picking, setPicking] = useState(false);
  const provider = useProvider(presentation, wish);
  const query = useQuery(estimateQuery(presentation.id, kind, wish));
  const start = useMutation({
    mutationFn: () => startBatch(presentation.id, kind, wish),
    onSuccess: ({ batchId }) => go(`/presentations/${presentation.id}/batches/${batchId}`, { replace: true }),
  });
  const change = (part: Wish) => {
    start.reset();
    setWish((now) => ({ ...now, ...part }));
  };
  const none = wish.selectedSlideIds?.length === 0;
  const estimate = none ? null : (query.data ?? null);
  const toMake = estimate?.toGenerate ?? 0;
  const cost = estimate?.estimatedCostUsd ?? 0;
  const over = estimate && overLimit(estimate, wish);
  const film = kind === "presentation_video" && estimate !== null && !estimate.error;
  const ready = estimate !== null && !query.isPlaceholderData && !estimate.error && !over && (toMake > 0 || film);
  const paysElsewhere = provider.name !== "local" && (estimate?.costs?.videosUsd ?? 0) > 0;
  const label = () => {
    if (estimate === null && !none) return t("make.wait");
    if (toMake === 0) return t(film ? "make.film" : "make.nothing");
    return cost > 0
      ? t("make.startFor", { count: toMake, money: money(cost, language) })
      : t("make.start", { count: toMake });
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t(`action.${kind}`)}
      description={t(`about.${kind}`)}
      footer={
        <>
          {over && <p className="mr-auto text-sm text-warn max-sm:basis-full">{t(OVER[over.name])}</p>}
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" busy={start.isPending} disabled={!ready || start.isPending} onClick={() => start.mutate()}>
            {label()}
          </Button>
        </>
      }
    >
      <div className="grid gap-7 md:grid-cols-[minmax(0,1fr)_280px]">
        <MakeOptions
          presentation={presentation}
          kind={kind}
          wish={wish}
          picking={picking}
          onPick={setPicking}
          onChange={change}
        />
        <div className="max-md:border-t max-md:border-line max-md:pt-6 md:border-l md:border-line md:pl-7">
          <div className="space-y-5 md:sticky md:top-0">
            {none ? (
              <p className="text-sm text-soft">{t("pick.nothing")}</p>
            ) : (
              <EstimatePanel
                estimate={estimate}
                kind={kind}
                stale={query.isPlaceholderData}
                error={query.error}
                retry={() => void query.refetch()}
              />
            )}
            {cost > 0 && <CostCap value={wish.maxCostUsd ?? null} onChange={(maxCostUsd) => change({ maxCostUsd })} />}
            {over && estimate && (
              <OverLimit
                limit={over}
                estimate={estimate}
                onRaise={(maxCostUsd) => change({ maxCostUsd })}
                onFewer={() => setPicking(true)}
                onLocal={paysElsewhere ? () => change({ provider: "local", avatarId: undefined, voiceId: undefined }) : null}
              />
            )}
            {estimate && <Preflight presentation={presentation} warnings={estimate.warnings} />}
            {start.isError && <Failure error={start.error} retry={() => start.mutate()} />}
          </div>
        </div>
      </div>
    </Dialog>
  );
}
