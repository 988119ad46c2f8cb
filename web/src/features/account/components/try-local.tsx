import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useEffect, useRef } from "react";
import { asRefusal } from "@/api/refusal";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { refusalText } from "@/components/ui/refusal-text";
import { makeSample } from "@/features/account/api/try-local";
import { useT } from "@/lib/i18n";

/** Deckcast's own presenter, tried on one slide of the sample deck. */
export function TryLocal() {
  const t = useT();
  const queries = useQueryClient();
  const left = useRef(new AbortController());
  const attempt = useMutation({
    mutationFn: () => makeSample(left.current.signal),
    onSuccess: ({ presentationId, batchId }) => {
      void queries.invalidateQueries({ queryKey: ["presentations"] });
      if (!left.current.signal.aborted) go(`/presentations/${presentationId}/batches/${batchId}`);
    },
  });
  useEffect(() => {
    left.current = new AbortController();
    return () => left.current.abort();
  }, []);
  return (
    <div className="mt-auto pt-4">
      <Button
        className="w-full"
        busy={attempt.isPending}
        disabled={attempt.isPending}
        icon={<FlaskConical size={16} aria-hidden />}
        onClick={() => attempt.mutate()}
      >
        {t(attempt.isPending ? "provider.tryReading" : "provider.try")}
      </Button>
      {attempt.isError ? (
        <p role="alert" className="mt-2 text-xs text-bad">
          {refusalText(asRefusal(attempt.error), t).title}
        </p>
      ) : (
        <p className="mt-2 text-xs text-soft">{t("provider.tryHint")}</p>
      )}
    </div>
  );
}
