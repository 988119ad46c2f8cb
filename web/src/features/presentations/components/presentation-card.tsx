import { Film, LoaderCircle, Presentation, TriangleAlert } from "lucide-react";
import type { ListedPresentation } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { day } from "@/lib/format";
import { useT, useWords, type Translate } from "@/lib/i18n";

/** One presentation in the list. */
export function PresentationCard({ row }: { row: ListedPresentation }) {
  const t = useT();
  const language = useWords((words) => words.language);
  return (
    <li className="card group relative overflow-hidden transition-shadow hover:shadow-float">
      <div className="aspect-video overflow-hidden border-b border-line bg-sunk">
        {row.thumbnailUrl ? (
          <img
            src={row.thumbnailUrl}
            alt=""
            loading="lazy"
            className="size-full object-cover transition-transform duration-300 group-hover:scale-[1.015]"
          />
        ) : (
          <div className="grid size-full place-items-center text-soft">
            {row.state === "failed" ? <TriangleAlert size={30} aria-hidden /> : <Presentation size={30} aria-hidden />}
          </div>
        )}
      </div>
      <div className="p-4">
        <h2 className="truncate font-semibold">
          <Link to={`/presentations/${row.id}`} className="after:absolute after:inset-0 after:rounded-[14px]">
            {row.title}
          </Link>
        </h2>
        <div className="mt-1.5 flex min-h-6 items-center justify-between gap-3 text-sm text-soft">
          <span className="truncate">
            {row.state === "ready" && `${t("slides.count", { count: row.slideCount })} · `}
            {day(row.createdAt, language)}
          </span>
          <State row={row} t={t} />
        </div>
      </div>
    </li>
  );
}

function State({ row, t }: { row: ListedPresentation; t: Translate }) {
  const turning = <LoaderCircle size={12} className="animate-spin" aria-hidden />;
  if (row.state === "importing") return <Badge tone="accent" icon={turning}>{t("state.importing")}</Badge>;
  if (row.state === "failed") return <Badge tone="bad">{t("state.importFailed")}</Badge>;
  const batch = row.newestBatch;
  if (!batch) return null;
  if (batch.state === "running" || batch.state === "planning") {
    return <Badge tone="accent" icon={turning}>{t("state.working")}</Badge>;
  }
  if (batch.state === "partial" || batch.state === "failed") return <Badge tone="warn">{t("state.partial")}</Badge>;
  if (batch.state === "completed" && batch.kind === "presentation_video") {
    return <Badge tone="good" icon={<Film size={12} aria-hidden />}>{t("state.film")}</Badge>;
  }
  return null;
}
