import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import type { Slide } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Failure } from "@/components/ui/failure";
import { attemptsQuery } from "@/features/slides/api/attempts";
import { Attempt } from "@/features/slides/components/attempt";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

/** Every attempt at a slide's avatar video, newest first. What waits for a person is shown unasked. */
export function Attempts({ presentationId, slide }: { presentationId: string; slide: Slide }) {
  const t = useT();
  const id = useId();
  const [opened, setOpened] = useState<boolean | null>(null);
  const attempts = useInfiniteQuery(attemptsQuery(presentationId, slide.id));
  const items = attempts.data?.pages.flatMap((page) => page.items) ?? [];
  const count = attempts.hasNextPage ? `${items.length}+` : String(items.length);
  const open = opened ?? items.some((each) => each.status === "unresolved");
  return (
    <div className={cx("text-sm", (slide.avatarVideo || items.length > 0) && "mt-3 min-h-8")}>
      {(items.length > 0 || attempts.isError) && (
        <Button
          kind="quiet"
          size="small"
          className="-ml-2"
          aria-expanded={open}
          aria-controls={id}
          icon={<ChevronRight size={14} className={cx("transition-transform", open && "rotate-90")} aria-hidden />}
          onClick={() => setOpened(!open)}
        >
          {t("attempts.title")} <span className="tabular-nums">({count})</span>
        </Button>
      )}
      {open && (
        <div id={id} className="mt-1">
          {attempts.isError && <Failure error={attempts.error} retry={() => void attempts.refetch()} />}
          <ul aria-label={t("attempts.title")} className="divide-y divide-line">
            {items.map((attempt) => (
              <Attempt key={attempt.id} presentationId={presentationId} place={slide.position} attempt={attempt} shown={attempt.id === slide.avatarVideo?.id} />
            ))}
          </ul>
          {attempts.hasNextPage && (
            <Button size="small" busy={attempts.isFetchingNextPage} onClick={() => void attempts.fetchNextPage()}>
              {t("action.more")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
