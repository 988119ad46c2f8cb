import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BatchRequest, Presentation, Slide } from "@/api/types";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/choice";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { estimateQuery } from "@/features/batches/api/estimate";
import { startForSlide } from "@/features/batches/api/start";
import { EstimatePanel } from "@/features/batches/components/estimate-panel";
import { SlidePicture } from "@/features/slides/components/slide-picture";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const KIND = "all_avatar_videos_generation";

interface Props {
  presentation: Presentation;
  slide: Slide;
  /** The slides to choose from; without them it is this one. */
  among?: Slide[];
  request?: BatchRequest;
  again: boolean;
  onClose: () => void;
}

/** One slide's video, with its price before it is ordered: to try a presenter, or to have one video made anew. */
export function MakeOne({ presentation, slide: first, among, request = {}, again, onClose }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [chosen, setChosen] = useState(first.id);
  const slide = among?.find((each) => each.id === chosen) ?? first;
  const wish = { ...request, selectedSlideIds: [slide.id], regenerateExisting: again };
  const estimate = useQuery(estimateQuery(presentation.id, KIND, wish));
  const make = useMutation({
    mutationFn: () => startForSlide(slide.id, KIND, again, request),
    onSuccess: ({ batchId }) => go(`/presentations/${presentation.id}/batches/${batchId}`),
  });
  const cost = estimate.data?.estimatedCostUsd ?? 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(again ? "one.again" : "one.title", { number: slide.position })}
      description={again ? t("one.againText") : t("all.oneHint")}
      footer={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button
            kind="primary"
            busy={make.isPending}
            disabled={make.isPending || !estimate.isSuccess || estimate.isPlaceholderData}
            onClick={() => make.mutate()}
          >
            {cost > 0 ? t("one.doFor", { money: money(cost, language) }) : t("one.do")}
          </Button>
        </>
      }
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <div>
          <SlidePicture slide={slide} />
          {among && among.length > 1 ? (
            <div className="mt-3">
              <Select
                label={t("one.slide")}
                value={slide.id}
                options={among.map((each) => ({
                  value: each.id,
                  label: `${each.position}. ${each.title || t("slide.untitled")}`,
                }))}
                onChange={setChosen}
              />
            </div>
          ) : (
            <p className="mt-2 text-sm font-semibold">
              {slide.position}. {slide.title || t("slide.untitled")}
            </p>
          )}
        </div>
        <div className="min-h-56">
          <EstimatePanel
            estimate={estimate.data ?? null}
            kind={KIND}
            stale={estimate.isPlaceholderData}
            error={estimate.error}
            retry={() => void estimate.refetch()}
          />
        </div>
      </div>
      {make.isError && (
        <div className="mt-4">
          <Failure error={make.error} />
        </div>
      )}
    </Dialog>
  );
}
