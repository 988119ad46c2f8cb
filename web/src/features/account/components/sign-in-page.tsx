import { useMutation, useQueryClient } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useEffect, useState } from "react";
import { Refusal } from "@/api/refusal";
import { Preferences } from "@/app/preferences";
import { Wordmark } from "@/app/wordmark";
import { Button, buttonClass } from "@/components/ui/button";
import { Failure } from "@/components/ui/failure";
import { signIn } from "@/features/account/api/session";
import { useT } from "@/lib/i18n";

/** Why a sign-in elsewhere did not work: the server names it in the address that it leads back to. */
function refusedElsewhere(): Refusal | null {
  const code = new URLSearchParams(window.location.search).get("signInError");
  return code !== null && /^[a-z_]{1,64}$/.test(code) ? new Refusal({ code }) : null;
}

/** Where the server has users: with a token, or by the sign-in provider where one is set. */
export function SignInPage({ refusal }: { refusal: Refusal }) {
  const t = useT();
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const [elsewhere] = useState(refusedElsewhere);
  const oidc = typeof refusal.facts.oidcLabel === "string" ? refusal.facts.oidcLabel : null;
  const enter = useMutation({ mutationFn: () => signIn(token.trim()), onSuccess: () => queries.resetQueries() });
  const to = encodeURIComponent(window.location.pathname);
  const error = enter.error ?? (enter.isIdle ? elsewhere : null);
  useEffect(() => {
    document.title = `${t("signIn.title")} · Deckcast`;
    if (elsewhere) window.history.replaceState(null, "", window.location.pathname);
  }, [t, elsewhere]);
  return (
    <main className="grid min-h-dvh grid-rows-[auto_1fr_auto] p-4">
      <div className="flex justify-end">
        <Preferences />
      </div>
      <div className="mx-auto w-full max-w-sm self-center">
        <div className="mb-6 flex items-center justify-center gap-2.5 font-semibold">
          <Wordmark />
        </div>
        <div className="card p-6 sm:p-8">
          <h1 className="mb-5 text-xl font-semibold">{t("signIn.title")}</h1>
          {error && (
            <div className="mb-5">
              <Failure error={error} />
            </div>
          )}
          {oidc !== null && (
            <>
              <a className={`${buttonClass("primary")} w-full`} href={`/api/oidc/login?to=${to}`}>
                {t("signIn.by", { name: oidc })}
              </a>
              <p className="my-5 flex items-center gap-3 text-sm text-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
                {t("signIn.or")}
              </p>
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
                className="field mt-1.5 font-mono text-sm font-normal"
                placeholder="dct_…"
                value={token}
                onChange={(event) => setToken(event.target.value)}
              />
            </label>
            <Button
              type="submit"
              kind={oidc === null ? "primary" : "plain"}
              className="w-full"
              busy={enter.isPending}
              disabled={enter.isPending}
              icon={<LogIn size={16} aria-hidden />}
            >
              {t("signIn.do")}
            </Button>
          </form>
          <p className="mt-5 text-sm text-soft">{t("signIn.how")}</p>
        </div>
      </div>
      <span />
    </main>
  );
}
