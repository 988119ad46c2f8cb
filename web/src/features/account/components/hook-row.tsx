import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useState } from "react";
import type { components } from "@/api/schema.gen";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Failure } from "@/components/ui/failure";
import { deliveriesQuery, tryHook } from "@/features/account/api/hooks";
import { moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

type Hook = components["schemas"]["Hook"];
type Delivery = components["schemas"]["Delivery"];

const TONES: Record<Delivery["state"], Tone> = { waiting: "accent", delivered: "good", given_up: "bad" };
const LOOK_AGAIN_MS = 2_000;

/** One hook: whether it is called, a message to try it, and what was sent of late. */
export function HookRow({ hook, onRemove }: { hook: Hook; onRemove: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const query = deliveriesQuery(hook.id);
  const attempt = useMutation({
    mutationFn: () => tryHook(hook.id),
    onSuccess: () => {
      setOpen(true);
      void queries.invalidateQueries({ queryKey: query.queryKey });
    },
  });
  return (
    <div className="px-5 py-3.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <code className="min-w-0 flex-1 basis-64 truncate font-mono text-[13px]" title={hook.url}>
          {hook.url}
        </code>
        {hook.disabledAt && <Badge tone="warn">{t("hooks.disabled")}</Badge>}
        <span className="flex flex-wrap gap-1">
          <Button size="small" kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t("hooks.deliveries")}
          </Button>
          <Button
            size="small"
            kind="quiet"
            busy={attempt.isPending}
            disabled={attempt.isPending || hook.disabledAt !== null}
            icon={<Send size={13} aria-hidden />}
            onClick={() => attempt.mutate()}
          >
            {t("hooks.test")}
          </Button>
          <Button size="small" kind="quiet" onClick={onRemove}>
            {t("hooks.remove")}
          </Button>
        </span>
      </div>
      {hook.disabledAt && <p className="mt-1 text-soft">{t("hooks.disabledText")}</p>}
      {attempt.isError && (
        <div className="mt-3">
          <Failure error={attempt.error} />
        </div>
      )}
      {open && <Deliveries hookId={hook.id} />}
    </div>
  );
}

function Deliveries({ hookId }: { hookId: string }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const deliveries = useQuery({
    ...deliveriesQuery(hookId),
    refetchInterval: ({ state }) => (state.data?.items.some((each) => each.state === "waiting") ? LOOK_AGAIN_MS : false),
  });
  if (deliveries.isPending) return <div className="skeleton mt-3 h-12" />;
  if (!deliveries.data) return <Failure error={deliveries.error} retry={() => void deliveries.refetch()} />;
  const { items } = deliveries.data;
  if (items.length === 0) return <p className="mt-2 text-soft">{t("hooks.noDeliveries")}</p>;
  return (
    <ul className="mt-3 divide-y divide-line rounded-xl bg-sunk px-4" aria-label={t("hooks.deliveries")}>
      {items.map((each) => (
        <li key={each.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
          <Badge tone={TONES[each.state]}>{t(`delivery.${each.state}`)}</Badge>
          <code className="font-mono text-[13px]">{each.type}</code>
          <span className="text-soft">{moment(each.createdAt, language)}</span>
          <span className="text-soft tabular-nums">{t("hooks.tries", { count: each.tries })}</span>
          {each.lastStatus !== null && <span className="text-soft tabular-nums">HTTP {each.lastStatus}</span>}
          {each.state !== "delivered" && each.lastError && <span className="basis-full text-bad">{each.lastError}</span>}
          {each.state === "waiting" && each.nextTryAt && (
            <span className="basis-full text-soft">{t("hooks.next", { time: moment(each.nextTryAt, language) })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
