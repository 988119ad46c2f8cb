import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Refusal } from "@/api/refusal";
import type { Slide } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { refusalText } from "@/components/ui/refusal-text";
import { presentationQuery } from "@/features/presentation/api/presentation";
import { drop, keep, overwrite } from "@/features/slides/drafts";
import { useT } from "@/lib/i18n";

/** Why what was written is not saved, and what can be done: nothing is lost meanwhile. */
export function NotKept({ presentationId, slide, refusal }: { presentationId: string; slide: Slide; refusal: Refusal }) {
  const t = useT();
  const queries = useQueryClient();
  const overtaken = refusal.code === "narrative_changed";
  const theirs = (slide.narrative?.version ?? 0) >= Number(refusal.facts.version ?? 0);
  useEffect(() => {
    if (overtaken) void queries.invalidateQueries({ queryKey: presentationQuery(presentationId).queryKey });
  }, [overtaken, presentationId, queries]);
  if (!overtaken) {
    const { title } = refusalText(refusal, t);
    return (
      <div className="mt-3">
        <Notice
          tone="bad"
          title={title}
          action={
            <Button size="small" className="self-center" onClick={() => void keep(slide.id)}>
              {t("action.tryAgain")}
            </Button>
          }
        >
          {t(refusal.retryable ? "narrative.triedAgain" : "narrative.notSaved")}
        </Notice>
      </div>
    );
  }
  return (
    <div className="mt-3">
      <Notice tone="warn" title={t("narrative.overtaken")}>
        <p>{t("narrative.overtakenText")}</p>
        <blockquote className="my-3 max-h-48 min-h-10 overflow-y-auto rounded-lg bg-surface px-3 py-2 whitespace-pre-line text-ink" tabIndex={0}>
          {theirs ? slide.narrative?.text || t("narrative.none") : t("state.loading")}
        </blockquote>
        <div className="flex flex-wrap gap-2">
          <Button size="small" disabled={!theirs} onClick={() => overwrite(slide.id, slide.narrative)}>
            {t("narrative.keepMine")}
          </Button>
          <Button size="small" disabled={!theirs} onClick={() => drop(slide.id)}>
            {t("narrative.takeTheirs")}
          </Button>
        </div>
      </Notice>
    </div>
  );
}
