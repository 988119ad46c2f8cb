import { useMutation } from "@tanstack/react-query";
import { Film, RotateCw } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import type { Presentation } from "@/api/types";
import { asRefusal } from "@/api/refusal";
import { go } from "@/app/router";
import { Button, buttonClass } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Link } from "@/components/ui/link";
import { cancelBatch, retryFailed } from "@/features/batches/api/batch";
import type { Watched } from "@/features/batches/components/batch-summary";
import { isOpen } from "@/features/batches/kinds";
import { money } from "@/lib/format";
import { tNow, useT, useWords } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  batch: Watched;
  onClose: () => void;
}

/** What can be done about a batch: cancel it, try again what failed, see the film. */
export function WatchFooter({ presentation, batch, onClose }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const [asking, setAsking] = useState(false);
  const refused = (error: unknown) => toast.error(asRefusal(error).message || tNow("error.unreachable"));
  const cancel = useMutation({
    mutationFn: () => cancelBatch(batch.id),
    onSuccess: ({ draining, mayStillBeChargedUsd: usd }) => {
      setAsking(false);
      if (draining === 0) return;
      const still = usd > 0 ? tNow("cancel.charged", { money: money(usd, language) }) : undefined;
      toast(tNow("cancel.draining", { count: draining }), { description: still });
    },
    onError: refused,
  });
  const retry = useMutation({
    mutationFn: () => retryFailed(batch.id),
    onSuccess: ({ batchId }) => go(`/presentations/${presentation.id}/batches/${batchId}`),
    onError: refused,
  });
  const open = isOpen(batch);
  const stoppable = open && batch.cancelledAt === null;
  const film = !open && batch.kind === "presentation_video" && presentation.film !== null;
  return (
    <>
      {open && <p className="mr-auto text-sm text-soft max-sm:basis-full">{t("batch.closeHint")}</p>}
      {stoppable && (
        <Button kind="danger" busy={cancel.isPending} onClick={() => setAsking(true)}>
          {t("cancel.do")}
        </Button>
      )}
      {!open && batch.failed > 0 && (
        <Button icon={<RotateCw size={15} aria-hidden />} busy={retry.isPending} onClick={() => retry.mutate()}>
          {t("retry.failed", { count: batch.failed })}
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
