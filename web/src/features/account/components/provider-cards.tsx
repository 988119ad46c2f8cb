import { useQuery } from "@tanstack/react-query";
import { CircleCheck, KeyRound } from "lucide-react";
import type { Provider } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Failure } from "@/components/ui/failure";
import { providersQuery } from "@/features/choices/api/catalogue";
import { providerName } from "@/features/choices/names";
import { money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** Who can make avatar videos here, and what each lacks. */
export function ProviderCards() {
  const t = useT();
  const providers = useQuery(providersQuery);
  if (providers.isError) return <Failure error={providers.error} retry={() => void providers.refetch()} />;
  return (
    <ul className="grid gap-4 sm:grid-cols-2">
      {providers.isPending && [1, 2].map((each) => <li key={each} className="skeleton h-40" />)}
      {providers.data?.items.map((each) => (
        <li key={each.name} className="card p-5">
          <div className="flex flex-wrap items-center gap-2">
            <h3 className="mr-auto font-semibold">{providerName(each.name)}</h3>
            {each.isDefault && <Badge>{t("provider.default")}</Badge>}
            {each.configured ? (
              <Badge tone="good" icon={<CircleCheck size={12} aria-hidden />}>{t("provider.ready")}</Badge>
            ) : (
              <Badge tone="warn" icon={<KeyRound size={12} aria-hidden />}>{t("provider.lacking")}</Badge>
            )}
          </div>
          <p className="mt-2 text-sm text-soft">
            {each.configured ? t(each.paid ? "provider.paid" : "provider.free") : each.whatIsMissing}
          </p>
          <Facts provider={each} />
        </li>
      ))}
    </ul>
  );
}

function Facts({ provider }: { provider: Provider }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { capabilities, balance, account } = provider;
  const facts = [
    capabilities && t("provider.atOnce", { count: capabilities.maxConcurrent }),
    capabilities && capabilities.usdPerSecond > 0
      ? t("provider.rate", { money: money(capabilities.usdPerSecond * 60, language) })
      : null,
    balance && t("provider.balance", { amount: `${balance.amount} ${balance.unit}` }),
  ].filter((each) => typeof each === "string");
  return (
    <>
      {facts.length > 0 && <p className="mt-2 text-sm text-soft">{facts.join(" · ")}</p>}
      {account?.paused && <p className="mt-2 text-sm text-warn">{account.message}</p>}
    </>
  );
}
