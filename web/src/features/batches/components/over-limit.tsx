import type { Estimate } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { enough, OVER, type Limit } from "@/features/batches/limits";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  limit: Limit;
  estimate: Estimate;
  onRaise: (usd: number) => void;
  onFewer: () => void;
  onLocal: (() => void) | null;
}

/** It would cost more than may be spent: the figures, and the ways on. */
export function OverLimit({ limit, estimate, onRaise, onFewer, onLocal }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const cost = estimate.estimatedCostUsd ?? 0;
  const figures = { cost: money(cost, language), most: money(limit.usd, language) };
  const left = limit.name === "today" || limit.name === "balance";
  return (
    <Notice tone="warn" title={t(OVER[limit.name])}>
      <p className="tabular-nums">{t(left ? "cap.figuresLeft" : "cap.figures", figures)}</p>
      <div className="mt-3 flex flex-col gap-2">
        {limit.name === "own" && (
          <Button size="small" onClick={() => onRaise(enough(cost))}>
            {t("cap.raise", { cost: money(enough(cost), language) })}
          </Button>
        )}
        <Button size="small" onClick={onFewer}>
          {t("cap.fewer")}
        </Button>
        {onLocal && (
          <Button size="small" onClick={onLocal}>
            {t("cap.local")}
          </Button>
        )}
      </div>
    </Notice>
  );
}
