import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { meQuery } from "@/features/account/api/me";
import { Account } from "@/features/account/components/account";
import { Bounds } from "@/features/account/components/bounds";
import { Hooks } from "@/features/account/components/hooks";
import { ProviderCards } from "@/features/account/components/provider-cards";
import { SpendPanel } from "@/features/account/components/spend-panel";
import { Tokens } from "@/features/account/components/tokens";
import { Boundary } from "@/app/boundary";
import { useT } from "@/lib/i18n";

/** What there is on this server for the person who is signed in. */
export function SettingsPage() {
  const t = useT();
  const me = useQuery(meQuery).data;
  useEffect(() => {
    document.title = `${t("nav.settings")} · Deckcast`;
  }, [t]);
  return (
    <div className="mx-auto max-w-4xl">
      <h1 className="mb-8 text-2xl font-semibold sm:text-3xl">{t("nav.settings")}</h1>
      <div className="space-y-12">
        <Group title={t("settings.account")}>{me && <Account me={me} />}</Group>
        <Group title={t("settings.providers")} text={t("settings.providersText")}>
          <ProviderCards />
        </Group>
        <Group title={t("settings.spend")} text={t("settings.spendText")}>
          <SpendPanel />
        </Group>
        <Group title={t("settings.bounds")} text={t("settings.boundsText")}>
          {me && <Bounds me={me} />}
        </Group>
        <Group title={t("settings.tokens")} text={t("settings.tokensText")}>
          {me && (me.loginNeeded ? <Tokens /> : <p className="card p-5 text-sm text-soft">{t("tokens.local")}</p>)}
        </Group>
        <Group title={t("settings.hooks")} text={t("settings.hooksText")}>
          <Hooks />
        </Group>
      </div>
    </div>
  );
}

function Group({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="text-lg font-semibold">{title}</h2>
      {text && <p className="mt-0.5 text-sm text-soft">{text}</p>}
      <div className="mt-4">
        <Boundary>{children}</Boundary>
      </div>
    </section>
  );
}
