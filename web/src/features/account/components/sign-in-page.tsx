import { useMutation, useQueryClient } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useState } from "react";
import type { Refusal } from "@/api/refusal";
import { Wordmark } from "@/app/wordmark";
import { Button, buttonClass } from "@/components/ui/button";
import { Failure } from "@/components/ui/failure";
import { signIn } from "@/features/account/api/session";
import { useT } from "@/lib/i18n";

/** Where the server has users: with a token, or by the sign-in provider where one is set. */
export function SignInPage({ refusal }: { refusal: Refusal }) {
  const t = useT();
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const oidc = typeof refusal.facts.oidcLabel === "string" ? refusal.facts.oidcLabel : null;
  const enter = useMutation({ mutationFn: () => signIn(token.trim()), onSuccess: () => queries.resetQueries() });
  const to = encodeURIComponent(window.location.pathname);
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-center gap-2.5 font-semibold">
          <Wordmark />
        </div>
        <div className="card p-6 sm:p-8">
          <h1 className="mb-5 text-xl font-semibold">{t("signIn.title")}</h1>
          {oidc !== null && (
            <>
              <a className={`${buttonClass("primary")} w-full`} href={`/api/oidc/login?to=${to}`}>
                {t("signIn.by", { name: oidc })}
              </a>
              <p className="my-4 text-center text-sm text-soft">{t("signIn.or")}</p>
            </>
          )}
          <form
            className="space-y-4"
            onSubmit={(event) => {
              event.preventDefault();
              enter.mutate();
            }}
          >
            <label className="block text-sm font-semibold">
              {t("signIn.token")}
              <input
                type="password"
                autoComplete="current-password"
                required
                className="field mt-1.5 font-mono text-sm"
                placeholder="dct_…"
                value={token}
                onChange={(event) => setToken(event.target.value)}
              />
            </label>
            <Button type="submit" kind={oidc === null ? "primary" : "plain"} className="w-full" busy={enter.isPending} icon={<LogIn size={16} aria-hidden />}>
              {t("signIn.do")}
            </Button>
          </form>
          {enter.isError && (
            <div className="mt-4">
              <Failure error={enter.error} />
            </div>
          )}
          <p className="mt-5 text-sm text-soft">{t("signIn.how")}</p>
        </div>
      </div>
    </main>
  );
}
