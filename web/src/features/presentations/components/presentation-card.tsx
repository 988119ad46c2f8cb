import { useQuery } from "@tanstack/react-query";
import { Film, Presentation, TriangleAlert } from "lucide-react";
import { Refusal } from "@/api/refusal";
import type { ListedPresentation } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { Progress } from "@/components/ui/progress";
import { refusalText } from "@/components/ui/refusal-text";
import { presentationQuery } from "@/features/presentation/api/presentation";
import { CardMenu } from "@/features/presentations/components/card-menu";
import { day } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** One presentation in the list: what it looks like, and what is going on with it. */
export function PresentationCard({ row }: { row: ListedPresentation }) {
  const t = useT();
  const language = useWords((words) => words.language);
  return (
    <li className="card group relative flex flex-col transition-shadow hover:shadow-float">
      <div className="relative aspect-video overflow-hidden rounded-t-[13px] border-b border-line bg-sunk">
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
      <div className="flex-1 p-4">
        <div className="flex items-start gap-2">
          <h2 className="min-w-0 flex-1 truncate font-semibold">
            <Link to={`/presentations/${row.id}`} className="after:absolute after:inset-0 after:rounded-[14px]">
              {row.title}
            </Link>
          </h2>
          <CardMenu row={row} />
        </div>
        <p className="mt-0.5 text-sm text-soft">
          {row.state === "ready" && `${t("slides.count", { count: row.slideCount })} · `}
          {day(row.createdAt, language)}
        </p>
        <div className="mt-3 flex min-h-7 flex-col justify-center">
          <Stand row={row} />
        </div>
      </div>
    </li>
  );
}

function Stand({ row }: { row: ListedPresentation }) {
  const t = useT();
  if (row.state === "importing") return <Moving label={t("import.reading")} share={null} />;
  if (row.state === "failed") return <ImportFailed id={row.id} />;
  const batch = row.newestBatch;
  if (!batch) return null;
  if (batch.state === "running" || batch.state === "planning") return <Working batch={batch} />;
  if (batch.state === "partial" || batch.state === "failed") {
    return <span><Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden />}>{t("state.partial")}</Badge></span>;
  }
  if (batch.state === "completed" && batch.kind === "presentation_video") {
    return <span><Badge tone="good" icon={<Film size={12} aria-hidden />}>{t("state.film")}</Badge></span>;
  }
  return null;
}

function Working({ batch }: { batch: NonNullable<ListedPresentation["newestBatch"]> }) {
  const t = useT();
  const { kind, state, total, inProgress } = batch;
  if (state === "planning") return <Moving label={t(`kind.${kind}`)} share={null} />;
  const done = t("batch.counts", { count: total, done: batch.completed + batch.skipped, total });
  return <Moving label={t(`kind.${kind}`)} aside={done} share={1 - inProgress / Math.max(1, total)} />;
}

function Moving({ label, aside, share }: { label: string; aside?: string; share: number | null }) {
  return (
    <>
      <p className="mb-1.5 flex justify-between gap-3 text-xs text-soft">
        <span className="truncate">{label}</span>
        <span className="shrink-0 tabular-nums">{aside}</span>
      </p>
      <Progress label={label} share={share} thin />
    </>
  );
}

/** Why a deck could not be read: the list does not say, the presentation does. */
function ImportFailed({ id }: { id: string }) {
  const t = useT();
  const error = useQuery(presentationQuery(id)).data?.error;
  const { title } = error ? refusalText(new Refusal({ code: error.code, detail: error.message }), t) : { title: "" };
  return (
    <div className="flex items-start gap-2 text-sm">
      <Badge tone="bad">{t("state.importFailed")}</Badge>
      <span className="line-clamp-2 min-w-0 text-soft">{title}</span>
    </div>
  );
}
