import type { Me } from "@/api/types";
import { size } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** What may be kept and asked for. */
export function Bounds({ me }: { me: Me }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { bounds } = me;
  const none = t("bounds.none");
  const count = (value: number) => value.toLocaleString(language);
  const rows: [string, string][] = [
    [t("bounds.presentations"), bounds.presentations === null ? none : count(bounds.presentations)],
    [t("bounds.storage"), bounds.storageBytes === null ? none : size(bounds.storageBytes, language)],
    [t("bounds.deck"), size(bounds.deckSizeBytes, language)],
    [t("bounds.slides"), count(bounds.slides)],
    [t("bounds.batches"), count(bounds.batchesPerMinute)],
    [t("bounds.uploads"), count(bounds.uploadsPerHour)],
  ];
  return (
    <dl className="card grid gap-x-8 px-5 py-2 sm:grid-cols-2 sm:px-6">
      {rows.map(([name, value]) => (
        <div key={name} className="flex justify-between gap-4 py-2.5 text-sm">
          <dt className="text-soft">{name}</dt>
          <dd className="font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
