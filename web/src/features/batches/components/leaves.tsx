import { ShieldCheck, Upload } from "lucide-react";
import type { Estimate } from "@/api/types";
import { providerName } from "@/features/choices/names";
import { knownKey, useT, type Translate } from "@/lib/i18n";

type Leaving = NonNullable<Estimate["leavesMachine"]>[number];

/** What leaves this machine, and to whom: said before anything is started. */
export function Leaves({ leaving }: { leaving: Leaving[] }) {
  const t = useT();
  if (leaving.length === 0) {
    return (
      <div className="flex gap-2.5 text-sm text-soft">
        <ShieldCheck size={16} className="mt-0.5 shrink-0 text-good" aria-hidden />
        <p>{t("leaves.nothing")}</p>
      </div>
    );
  }
  return (
    <div className="flex gap-2.5 text-sm text-soft">
      <Upload size={16} className="mt-0.5 shrink-0" aria-hidden />
      <div>
        <p className="font-semibold text-ink">{t("leaves.title")}</p>
        <ul>
          {leaving.map((each) => (
            <li key={each.what + each.to}>{t("leaves.to", { what: saidOf(each, t), to: providerName(each.to) })}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function saidOf({ code, what, slides }: Leaving, t: Translate): string {
  const known = knownKey(`leaves.${code}`);
  const said = known ? t(known) : what;
  return slides === null || known === null ? said : t("leaves.ofSlides", { what: said, count: slides });
}
