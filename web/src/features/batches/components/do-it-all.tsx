import { FlaskConical, Rocket } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { KindEstimate, Presentation } from "@/api/types";
import { Boundary } from "@/app/boundary";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { isFresh } from "@/features/batches/components/action-note";
import { isOpen } from "@/features/batches/kinds";
import { span, useTimes } from "@/features/batches/use-times";
import { useLive } from "@/features/live/store";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const MakeOne = lazy(() => import("@/features/batches/components/make-one").then((one) => ({ default: one.MakeOne })));

/** The whole chain at once; or one slide of it first, to see and hear the presenter before paying for all. */
export function DoItAll({ presentation, estimate }: { presentation: Presentation; estimate: KindEstimate | null }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { range } = useTimes();
  const [trying, setTrying] = useState(false);
  const id = presentation.id;
  const working = useLive((live) => live.of[id]?.batches.find(isOpen));
  const untried = presentation.slides.filter((slide) => slide.included && slide.avatarVideo === null);
  const first = untried[0];
  const time = span(estimate?.timeS);
  const cost = estimate?.estimatedCostUsd ?? 0;
  const done = estimate !== null && isFresh(presentation, "presentation_video", estimate);
  const blocked = estimate === null || Boolean(estimate.error && estimate.error.code !== "over_cap");
  const facts = [time && time[1] >= 5 && range(time), cost > 0 ? money(cost, language) : t("estimate.free")];
  return (
    <section aria-labelledby="whole-way" className="rounded-2xl bg-accent-wash p-5">
      <h2 id="whole-way" className="font-semibold">
        {t("all.title")}
      </h2>
      <p className="mt-1 text-sm text-soft">{t("all.text")}</p>
      {!done && (
        <p className="mt-2 min-h-5 text-sm font-semibold tabular-nums">
          {estimate && !estimate.error && !working && facts.filter(Boolean).join(" · ")}
        </p>
      )}
      <div className="mt-3 flex flex-col gap-2.5">
        {working ? (
          <Button kind="primary" busy onClick={() => go(`/presentations/${id}/batches/${working.id}`)}>
            {t("action.watch")}
          </Button>
        ) : done ? (
          <Button kind="primary" onClick={() => go(`/presentations/${id}/film`)}>
            {t("action.seeFilm")}
          </Button>
        ) : (
          <Button
            kind="primary"
            disabled={blocked}
            icon={<Rocket size={16} aria-hidden />}
            onClick={() => go(`/presentations/${id}/make/presentation_video`)}
          >
            {t("all.do")}
          </Button>
        )}
        {first && (
          <Button
            disabled={blocked || working !== undefined}
            icon={<FlaskConical size={16} aria-hidden />}
            onClick={() => setTrying(true)}
          >
            {t("all.one")}
          </Button>
        )}
      </div>
      {first && <p className="mt-2.5 text-xs text-soft">{t("all.oneHint")}</p>}
      {trying && first && (
        <Boundary onClose={() => setTrying(false)}>
          <Suspense>
            <MakeOne
              presentation={presentation}
              slide={first}
              among={untried}
              again={false}
              onClose={() => setTrying(false)}
            />
          </Suspense>
        </Boundary>
      )}
    </section>
  );
}
