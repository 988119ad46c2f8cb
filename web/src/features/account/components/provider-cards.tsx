import { useQuery } from "@tanstack/react-query";
import { CircleCheck, KeyRound, Pause } from "lucide-react";
import type { Provider } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Failure } from "@/components/ui/failure";
import { TryLocal } from "@/features/account/components/try-local";
import { providersQuery } from "@/features/choices/api/catalogue";
import { providerName } from "@/features/choices/names";
import { moment, money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** Who can make avatar videos here, what each lacks, and a way to try the one that needs nothing. */
export function ProviderCards() {
  const t = useT();
  const providers = useQuery(providersQuery);
  if (providers.isError && !providers.data) {
    return <Failure error={providers.error} retry={() => void providers.refetch()} />;
  }
  return (
    <ul className="grid gap-4 sm:grid-cols-2">
      {providers.isPending && [1, 2].map((each) => <li key={each} className="skeleton h-48 rounded-[14px]" />)}
      {providers.data?.items.map((each) => (
        <li key={each.name} className="card flex flex-col p-5">
          <div className="flex flex-wrap items-center gap-2">
            <h3 className="mr-auto font-semibold">{providerName(each.name)}</h3>
            {each.isDefault && <Badge>{t("provider.default")}</Badge>}
            <StateBadge provider={each} />
          </div>
          <p className="mt-2 text-sm text-soft">
            {each.configured
              ? t(each.paid ? "provider.paid" : "provider.free")
              : t("provider.notSetUp", { name: providerName(each.name) })}
          </p>
          {each.configured ? <Facts provider={each} /> : <Missing text={each.whatIsMissing} />}
          {each.name === "local" && each.configured && <TryLocal />}
        </li>
      ))}
    </ul>
  );
}

function StateBadge({ provider }: { provider: Provider }) {
  const t = useT();
  if (!provider.configured) {
    return (
      <Badge tone="warn" icon={<KeyRound size={12} aria-hidden />}>
        {t("provider.lacking")}
      </Badge>
    );
  }
  const paused = provider.account?.paused === true;
  return (
    <Badge
      tone={paused ? "warn" : "good"}
      icon={paused ? <Pause size={12} aria-hidden /> : <CircleCheck size={12} aria-hidden />}
    >
      {t(paused ? "provider.resting" : "provider.ready")}
    </Badge>
  );
}

function Missing({ text }: { text: string | null }) {
  const t = useT();
  if (!text) return null;
  return (
    <div className="mt-3 rounded-xl bg-sunk p-3.5 text-sm">
      <p className="text-soft">{t("provider.lacksOnServer")}</p>
      <p className="mt-1 font-mono text-[13px] break-words">{text}</p>
    </div>
  );
}

function Facts({ provider }: { provider: Provider }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { capabilities, balance, account } = provider;
  const amount = balance && (balance.unit === "usd" ? money(balance.amount, language) : `${balance.amount} ${balance.unit}`);
  const facts = [
    capabilities && t("provider.atOnce", { count: capabilities.maxConcurrent }),
    capabilities?.transparent && t("provider.cutOut"),
    capabilities && capabilities.usdPerSecond > 0
      ? t("provider.rate", { money: money(capabilities.usdPerSecond * 60, language) })
      : null,
    amount && t("provider.balance", { amount }),
  ].filter((each) => typeof each === "string");
  return (
    <>
      {facts.length > 0 && <p className="mt-2 text-sm text-soft tabular-nums">{facts.join(" · ")}</p>}
      {account?.paused && (
        <p className="mt-2 text-sm text-warn">
          {t("provider.paused", { name: providerName(provider.name) })}
          {account.until && ` · ${t("provider.pausedUntil", { time: moment(account.until, language) })}`}
        </p>
      )}
    </>
  );
}
