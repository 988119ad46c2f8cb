import { lazy, Suspense, useState } from "react";
import type { BatchDetail, Presentation } from "@/api/types";
import { Segments } from "@/components/ui/choice";
import { BatchRow } from "@/features/batches/components/batch-row";
import { isOpen } from "@/features/batches/kinds";
import { groupOf, merged, type RowGroup, type RowStatus } from "@/features/batches/row-status";
import { useNow } from "@/features/batches/use-times";
import { useLive } from "@/features/live/store";
import { useT } from "@/lib/i18n";

const Windowed = lazy(() =>
  import("@/features/batches/components/windowed").then((rows) => ({ default: rows.Windowed })),
);
const MANY = 40;
const WORTH_FILTERING = 10;
const GROUPS: RowGroup[] = ["working", "failed", "done"];

/** A row for each slide of a batch, as it is now; of many, only those in sight are drawn. */
export function BatchRows({ presentation, batch }: { presentation: Presentation; batch: BatchDetail }) {
  const t = useT();
  const live = useLive((store) => store.of[presentation.id]);
  const [group, setGroup] = useState<RowGroup | null>(null);
  const shown = live?.batches.find((each) => each.id === batch.id) ?? batch;
  const busy = isOpen(shown);
  const now = useNow(busy);
  const slides = new Map(presentation.slides.map((slide) => [slide.id, slide]));
  const all = batch.items.map((item): RowStatus => merged(item, live?.slides[item.slideId], batch.id));
  const rows = group === null ? all : all.filter((row) => groupOf(row) === group);
  const row = (status: RowStatus) => (
    <BatchRow
      presentationId={presentation.id}
      status={status}
      slide={slides.get(status.slideId) ?? null}
      kind={batch.kind}
      now={now}
      busy={busy}
    />
  );
  return (
    <>
      {all.length > WORTH_FILTERING && <Filter rows={all} value={group} onChange={setGroup} />}
      {all.length > 0 && rows.length === 0 && <p className="py-10 text-center text-sm text-soft">{t("filter.empty")}</p>}
      {all.length > MANY ? (
        <Suspense fallback={<div className="skeleton mt-4 h-[50vh]" />}>
          <Windowed rows={rows} row={row} />
        </Suspense>
      ) : (
        <ul className="mt-4 divide-y divide-line" aria-label={t("tab.slides")}>
          {rows.map((status) => (
            <li key={status.slideId}>{row(status)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

interface FilterProps {
  rows: RowStatus[];
  value: RowGroup | null;
  onChange: (group: RowGroup | null) => void;
}

function Filter({ rows, value, onChange }: FilterProps) {
  const t = useT();
  const count = (group: RowGroup) => rows.filter((row) => groupOf(row) === group).length;
  const options = GROUPS.filter((group) => group === value || count(group) > 0).map((group) => ({
    value: group as string,
    label: t(`filter.${group}`, { count: count(group) }),
  }));
  return (
    <div className="mt-5">
      <Segments
        label={t("filter.label")}
        hideLabel
        value={value ?? "all"}
        options={[{ value: "all", label: t("filter.all", { count: rows.length }) }, ...options]}
        onChange={(group) => onChange(GROUPS.find((each) => each === group) ?? null)}
      />
    </div>
  );
}
