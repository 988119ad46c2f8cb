import type { Me } from "@/api/types";
import { money, size } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** What may be spent and kept. */
export function Bounds({ me }: { me: Me }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { bounds } = me;
  const none = t("bounds.none");
  const rows: [string, string][] = [
    [t("bounds.perBatch"), bounds.maxPerBatchUsd === null ? none : money(bounds.maxPerBatchUsd, language)],
    [t("bounds.perDay"), bounds.maxPerDayUsd === null ? none : money(bounds.maxPerDayUsd, language)],
    [t("bounds.presentations"), bounds.presentations === null ? none : String(bounds.presentations)],
    [t("bounds.storage"), bounds.storageBytes === null ? none : size(bounds.storageBytes, language)],
    [t("bounds.deck"), size(bounds.deckSizeBytes, language)],
    [t("bounds.slides"), String(bounds.slides)],
  ];
  return (
    <dl className="card divide-y divide-line">
      {rows.map(([name, value]) => (
        <div key={name} className="flex justify-between gap-4 px-5 py-3 text-sm">
          <dt className="text-soft">{name}</dt>
          <dd className="font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
