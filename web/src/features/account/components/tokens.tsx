import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/choice";
import { Confirm } from "@/components/ui/confirm";
import { makeToken, revokeToken, tokensQuery } from "@/features/account/api/tokens";
import { BelowForm } from "@/features/account/components/below-form";
import { day, moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const DAYS = ["30", "90", "365"];

/** Tokens for programs: made, shown once, revoked. */
export function Tokens() {
  const t = useT();
  const language = useWords((words) => words.language);
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery);
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [leaving, setLeaving] = useState<{ id: string; name: string } | null>(null);
  const again = () => void queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
  const make = useMutation({
    mutationFn: () => makeToken(name.trim(), days === "" ? null : Number(days)),
    onSuccess: () => {
      setName("");
      again();
    },
  });
  const revoke = useMutation({ mutationFn: revokeToken, onSuccess: again, onSettled: () => setLeaving(null) });
  const error = make.error ?? revoke.error;
  const items = tokens.data?.items ?? [];
  return (
    <div className="card divide-y divide-line">
      <form
        className="flex flex-wrap items-end gap-3 p-5"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <label className="min-w-0 flex-1 basis-52 text-sm font-semibold">
          {t("tokens.name")}
          <input
            className="field mt-1.5 text-sm font-normal"
            required
            maxLength={100}
            placeholder={t("tokens.example")}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <div className="w-36">
          <Select
            label={t("tokens.opens")}
            value={days}
            options={[
              ...DAYS.map((each) => ({ value: each, label: t("share.days", { count: Number(each) }) })),
              { value: "", label: t("tokens.forever") },
            ]}
            onChange={setDays}
          />
        </div>
        <Button type="submit" busy={make.isPending} disabled={make.isPending}>
          {t("tokens.make")}
        </Button>
      </form>
      <BelowForm
        secret={make.data ? { title: t("tokens.once"), label: t("signIn.token"), value: make.data.token } : null}
        error={error}
        list={tokens}
        none={t("tokens.none")}
      >
        {items.map((token) => (
          <div key={token.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-sm">
            <div className="min-w-0 flex-1 basis-52">
              <p className="font-semibold">
                {token.name} <code className="ml-1.5 font-mono font-normal text-soft">…{token.last4}</code>
              </p>
              <p className="text-soft">
                {token.lastUsedAt ? t("tokens.used", { time: moment(token.lastUsedAt, language) }) : t("tokens.unused")}
                {token.expiresAt && ` · ${t("tokens.until", { time: day(token.expiresAt, language) })}`}
              </p>
            </div>
            <Button size="small" kind="quiet" aria-label={t("tokens.revokeNamed", { name: token.name })} onClick={() => setLeaving(token)}>
              {t("tokens.revoke")}
            </Button>
          </div>
        ))}
      </BelowForm>
      <Confirm
        open={leaving !== null}
        title={t("tokens.revokeNamed", { name: leaving?.name ?? "" })}
        yes={t("tokens.revoke")}
        busy={revoke.isPending}
        onYes={() => leaving && revoke.mutate(leaving.id)}
        onClose={() => setLeaving(null)}
      >
        {t("tokens.revokeText")}
      </Confirm>
    </div>
  );
}
