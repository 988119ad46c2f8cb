import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Failure } from "@/components/ui/failure";
import { Notice } from "@/components/ui/notice";
import { makeToken, revokeToken, tokensQuery } from "@/features/account/api/tokens";
import { moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** Tokens for programs: made, shown once, revoked. */
export function Tokens() {
  const t = useT();
  const language = useWords((words) => words.language);
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery);
  const [name, setName] = useState("");
  const again = () => void queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
  const make = useMutation({
    mutationFn: () => makeToken(name.trim(), null),
    onSuccess: () => {
      setName("");
      again();
    },
  });
  const revoke = useMutation({ mutationFn: revokeToken, onSuccess: again });
  const error = make.error ?? revoke.error ?? tokens.error;
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
          <input className="field mt-1.5 text-sm" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <Button type="submit" busy={make.isPending}>
          {t("tokens.make")}
        </Button>
      </form>
      {make.data && (
        <div className="p-5">
          <Notice title={t("tokens.once")}>
            <code className="font-mono text-sm break-all">{make.data.token}</code>
          </Notice>
        </div>
      )}
      {error && (
        <div className="p-5">
          <Failure error={error} />
        </div>
      )}
      {tokens.data?.items.map((token) => (
        <div key={token.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-sm">
          <span className="font-semibold">{token.name}</span>
          <code className="font-mono text-soft">…{token.last4}</code>
          <span className="text-soft">
            {token.lastUsedAt ? t("tokens.used", { time: moment(token.lastUsedAt, language) }) : t("tokens.unused")}
          </span>
          <Button size="small" kind="quiet" className="ml-auto" onClick={() => revoke.mutate(token.id)}>
            {t("tokens.revoke")}
          </Button>
        </div>
      ))}
    </div>
  );
}
