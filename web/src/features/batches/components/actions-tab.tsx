import { useQuery } from "@tanstack/react-query";
import type { Presentation } from "@/api/types";
import { Failure } from "@/components/ui/failure";
import { estimatesQuery } from "@/features/batches/api/estimate";
import { ActionRow } from "@/features/batches/components/action-row";
import { BatchHistory } from "@/features/batches/components/batch-history";
import { DoItAll } from "@/features/batches/components/do-it-all";
import { KINDS } from "@/features/batches/kinds";
import { useT } from "@/lib/i18n";

/** What can be made of a presentation, each with what it would do now. */
export function ActionsTab({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const estimates = useQuery(estimatesQuery(presentation.id));
  const unready = estimates.isError && !estimates.data;
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_340px]">
      <section aria-labelledby="actions">
        <h2 id="actions" className="text-lg font-semibold">
          {t("actions.title")}
        </h2>
        <p className="mt-1 mb-5 max-w-xl text-balance text-soft">{t("actions.lead")}</p>
        {unready && (
          <div className="mb-4">
            <Failure error={estimates.error} retry={() => void estimates.refetch()} />
          </div>
        )}
        <ol className="card divide-y divide-line">
          {KINDS.map(({ kind, Icon }) => (
            <ActionRow
              key={kind}
              presentation={presentation}
              kind={kind}
              Icon={Icon}
              estimate={estimates.data?.kinds?.find((each) => each.kind === kind) ?? null}
              failed={unready}
            />
          ))}
        </ol>
      </section>
      <aside className="space-y-6">
        <DoItAll
          presentation={presentation}
          estimate={estimates.data?.kinds?.find((each) => each.kind === "presentation_video") ?? null}
        />
        <BatchHistory presentationId={presentation.id} />
      </aside>
    </div>
  );
}
