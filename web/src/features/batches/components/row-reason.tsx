import { forThisPage, refusalText } from "@/components/ui/refusal-text";
import { Refusal } from "@/api/refusal";
import type { RowStatus } from "@/features/batches/row-status";
import { inWords } from "@/features/slides/warnings";
import { knownKey, useT } from "@/lib/i18n";

/** Why a slide did not come out, what that means, and what may be worth knowing where it did. */
export function RowReason({ status }: { status: RowStatus }) {
  const t = useT();
  const hint = knownKey(`status.${status.status}.hint`);
  const warnings = status.endedAt !== null && status.error === null ? (status.warnings ?? []) : [];
  if (status.error === null && hint === null && warnings.length === 0) return null;
  const reason = status.error && saidReason(status.error.code, status.error.message);
  const { next } = status.error ? refusalText(new Refusal({ code: status.error.code }), t) : { next: null };
  return (
    <div className="basis-full space-y-0.5 text-sm sm:pl-[104px]">
      {reason && <p className={status.status === "cancelled" ? "text-soft" : "text-bad"}>{reason}</p>}
      {next && <p className="text-soft">{next}</p>}
      {hint && <p className="text-soft">{t(hint)}</p>}
      {warnings.map((warning) => (
        <p key={warning.code} className="text-warn">
          {inWords(warning, t).title}
        </p>
      ))}
    </div>
  );

  function saidReason(code: string, message: string): string {
    const known = knownKey(`reason.${code}`);
    return known ? t(known) : (forThisPage(message) ?? t("error.unknown"));
  }
}
