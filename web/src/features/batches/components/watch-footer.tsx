import { useMutation, useQuery } from "@tanstack/react-query";
import { Film, RotateCw } from "lucide-react";
import { useState } from "react";
import type { Presentation } from "@/api/types";
import { asRefusal } from "@/api/refusal";
import { go } from "@/app/router";
import { Button, buttonClass } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Link } from "@/components/ui/link";
import { refusalText } from "@/components/ui/refusal-text";
import { meQuery } from "@/features/account/api/me";
import { cancelBatch, retryFailed } from "@/features/batches/api/batch";
import type { Watched } from "@/features/batches/components/batch-summary";
import { isOpen } from "@/features/batches/kinds";
import { higherCap } from "@/features/batches/limits";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  batch: Watched;
  onClose: () => void;
}

/** What can be done about a batch: stop it, try again what failed, see the film. */
export function WatchFooter({ presentation, batch, onClose }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({ mutationFn: () => cancelBatch(batch.id), onSettled: () => setAsking(false) });
  const retry = useMutation({
    mutationFn: (maxCostUsd?: number) => retryFailed(batch.id, maxCostUsd),
    onSuccess: ({ batchId }) => go(`/presentations/${presentation.id}/batches/${batchId}`),
  });
  const open = isOpen(batch);
  const stoppable = open && batch.cancelledAt === null && !cancel.isSuccess;
  const film = !open && batch.kind === "presentation_video" && presentation.film !== null;
  const refused = cancel.error ?? retry.error;
  const most = useQuery(meQuery).data?.bounds.maxPerBatchUsd ?? null;
  const higher = higherCap(retry.error, most);
  const still = cancel.data?.mayStillBeChargedUsd ?? 0;
  const text = () => {
    if (refused) {
      const { title, next } = refusalText(asRefusal(refused), t);
      return [title, next].filter(Boolean).join(" ");
    }
    if (still > 0) return t("cancel.charged", { money: money(still, language) });
    return open ? t("batch.closeHint") : null;
  };
  return (
    <>
      <p role="status" className={`mr-auto text-sm max-sm:basis-full ${refused ? "text-bad" : "text-soft"}`}>
        {text()}
      </p>
      {stoppable && (
        <Button kind="danger" busy={cancel.isPending} onClick={() => setAsking(true)}>
          {t("cancel.do")}
        </Button>
      )}
      {!open && batch.failed > 0 && (
        <Button
          icon={<RotateCw size={15} aria-hidden />}
          busy={retry.isPending}
          disabled={retry.isPending}
          onClick={() => retry.mutate(higher ?? undefined)}
        >
          {higher === null
            ? t("retry.failed", { count: batch.failed })
            : t("retry.higher", { money: money(higher, language) })}
        </Button>
      )}
      {film ? (
        <Link to={`/presentations/${presentation.id}/film`} className={buttonClass("primary")}>
          <Film size={16} aria-hidden /> {t("action.seeFilm")}
        </Link>
      ) : (
        <Button onClick={onClose}>{t("action.close")}</Button>
      )}
      <Confirm
        open={asking}
        title={t("cancel.title")}
        yes={t("cancel.do")}
        busy={cancel.isPending}
        onYes={() => cancel.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("cancel.text")}
      </Confirm>
    </>
  );
}
