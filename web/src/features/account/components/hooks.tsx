import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { addHook, hooksQuery, removeHook } from "@/features/account/api/hooks";
import { BelowForm } from "@/features/account/components/below-form";
import { HookRow } from "@/features/account/components/hook-row";
import { useT } from "@/lib/i18n";

/** Addresses that Deckcast calls when a batch has ended: added, tried, looked into, removed. */
export function Hooks() {
  const t = useT();
  const queries = useQueryClient();
  const hooks = useQuery(hooksQuery);
  const [url, setUrl] = useState("");
  const [leaving, setLeaving] = useState<{ id: string; url: string } | null>(null);
  const again = () => void queries.invalidateQueries({ queryKey: hooksQuery.queryKey, exact: true });
  const add = useMutation({
    mutationFn: () => addHook(url.trim()),
    onSuccess: () => {
      setUrl("");
      again();
    },
  });
  const remove = useMutation({ mutationFn: removeHook, onSuccess: again, onSettled: () => setLeaving(null) });
  const error = add.error ?? remove.error;
  const items = hooks.data?.items ?? [];
  return (
    <div className="card divide-y divide-line">
      <form
        className="flex flex-wrap items-end gap-3 p-5"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <label className="min-w-0 flex-1 basis-64 text-sm font-semibold">
          {t("hooks.url")}
          <input
            type="url"
            className="field mt-1.5 font-mono text-[13px] font-normal"
            required
            maxLength={2000}
            placeholder="https://example.com/deckcast"
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </label>
        <Button type="submit" busy={add.isPending} disabled={add.isPending}>
          {t("hooks.add")}
        </Button>
      </form>
      <BelowForm
        secret={add.data ? { title: t("hooks.once"), label: t("hooks.secret"), value: add.data.secret } : null}
        error={error}
        list={hooks}
        none={t("hooks.none")}
      >
        {items.map((hook) => (
          <HookRow key={hook.id} hook={hook} onRemove={() => setLeaving(hook)} />
        ))}
      </BelowForm>
      <Confirm
        open={leaving !== null}
        title={t("hooks.removeTitle")}
        yes={t("hooks.remove")}
        busy={remove.isPending}
        onYes={() => leaving && remove.mutate(leaving.id)}
        onClose={() => setLeaving(null)}
      >
        <p className="break-all">{t("hooks.removeText", { url: leaving?.url ?? "" })}</p>
      </Confirm>
    </div>
  );
}
