import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BatchKind, BatchRequest, Presentation } from "@/api/types";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { Check } from "@/components/ui/choice";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { estimateQuery } from "@/features/batches/api/estimate";
import { startBatch } from "@/features/batches/api/start";
import { CostCap } from "@/features/batches/components/cost-cap";
import { EstimatePanel } from "@/features/batches/components/estimate-panel";
import { PresenterOptions } from "@/features/batches/components/presenter-options";
import { SlidePicker } from "@/features/batches/components/slide-picker";
import { hasPresenter } from "@/features/batches/kinds";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  kind: BatchKind;
  onClose: () => void;
}

/** Asks how something is to be made, and says what it would take and cost, before anything is started. */
export function MakeDialog({ presentation, kind, onClose }: Props) {
  const t = useT();
  const [request, setRequest] = useState<BatchRequest>({ regenerateExisting: false });
  const estimate = useQuery(estimateQuery(presentation.id, kind, request));
  const start = useMutation({
    mutationFn: () => startBatch(presentation.id, kind, request),
    onSuccess: ({ batchId }) => go(`/presentations/${presentation.id}/batches/${batchId}`, { replace: true }),
  });
  const change = (part: BatchRequest) => {
    start.reset();
    setRequest((now) => ({ ...now, ...part }));
  };
  const toMake = estimate.data?.toGenerate ?? 0;
  const none = request.selectedSlideIds?.length === 0;
  const filmOnly = kind === "presentation_video" && estimate.isSuccess && !estimate.data.error;
  const ready = estimate.isSuccess && !estimate.data.error && !none && (toMake > 0 || filmOnly);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t(`action.${kind}`)}
      description={t(`about.${kind}`)}
      footer={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" busy={start.isPending} disabled={!ready || start.isPending} onClick={() => start.mutate()}>
            {toMake > 0 ? t("make.start", { count: toMake }) : t(filmOnly ? "make.film" : "make.nothing")}
          </Button>
        </>
      }
    >
      <div className="grid gap-7 md:grid-cols-[minmax(0,1fr)_280px]">
        <div className="space-y-6">
          {hasPresenter(kind) && <PresenterOptions presentation={presentation} request={request} onChange={change} />}
          <SlidePicker
            presentation={presentation}
            kind={kind}
            selected={request.selectedSlideIds ?? null}
            onChange={(selectedSlideIds) => change({ selectedSlideIds })}
          />
          <Check
            label={t("make.regenerate")}
            hint={t("make.regenerateHint")}
            checked={request.regenerateExisting ?? false}
            onChange={(regenerateExisting) => change({ regenerateExisting })}
          />
        </div>
        <div className="space-y-5 md:border-l md:border-line md:pl-7">
          <EstimatePanel estimate={estimate.data ?? null} stale={estimate.isPlaceholderData} error={estimate.error} />
          {(estimate.data?.estimatedCostUsd ?? 0) > 0 && (
            <CostCap value={request.maxCostUsd ?? null} onChange={(maxCostUsd) => change({ maxCostUsd })} />
          )}
          {start.isError && <Failure error={start.error} />}
        </div>
      </div>
    </Dialog>
  );
}
