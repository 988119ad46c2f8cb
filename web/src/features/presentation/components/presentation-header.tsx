import { ArrowLeft, Clapperboard, Film, Images, UserRound } from "lucide-react";
import type { Presentation } from "@/api/types";
import { Link } from "@/components/ui/link";
import { LineBadge } from "@/features/live/components/line-badge";
import { useLive } from "@/features/live/store";
import { PresentationMenu } from "@/features/presentation/components/presentation-menu";
import { Title } from "@/features/presentation/components/title";
import { isChanged, useDrafts } from "@/features/slides/drafts";
import { cx } from "@/lib/cx";
import { clock, languageName } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const TABS = [
  { tab: "slides", Icon: Images },
  { tab: "actions", Icon: Clapperboard },
  { tab: "presenter", Icon: UserRound },
  { tab: "film", Icon: Film },
] as const;

interface Props {
  presentation: Presentation;
  tab: string;
  onReplace: () => void;
}

/** What a presentation is called, how it is, and the ways into it. */
export function PresentationHeader({ presentation, tab, onReplace }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const working = useLive((live) => live.of[presentation.id]?.batches.some((batch) => batch.endedAt === null) ?? false);
  const changed = useDrafts(({ of }) => presentation.slides.some((slide) => slide.included && isChanged(of[slide.id])));
  const filmStale = presentation.film !== null && (presentation.film.stale || changed);
  const current = tab === "make" || tab === "batches" ? "actions" : tab;
  const seconds = presentation.slides
    .filter((slide) => slide.included)
    .reduce((sum, slide) => sum + (slide.speech?.durationS ?? slide.narrative?.estimatedS ?? 0), 0);
  const facts = [
    t("slides.count", { count: presentation.slides.length }),
    presentation.language && languageName(presentation.language, language),
    seconds > 0 && t("presentation.spoken", { time: clock(seconds) }),
  ].filter(Boolean);
  return (
    <header className="mb-7">
      <Link to="/" className="inline-flex items-center gap-1.5 rounded text-sm text-soft hover:text-ink">
        <ArrowLeft size={15} aria-hidden /> {t("nav.presentations")}
      </Link>
      <div className="mt-2 flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <Title presentation={presentation} />
          <div className="mt-1 flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft">
            {presentation.slides.length > 0 && <span>{facts.join(" · ")}</span>}
            <LineBadge id={presentation.id} />
          </div>
        </div>
        <PresentationMenu presentation={presentation} onReplace={onReplace} />
      </div>
      {presentation.slides.length > 0 && (
        <nav
          aria-label={t("presentation.parts")}
          className="-mx-4 mt-5 flex gap-1 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0"
        >
          {TABS.map(({ tab: each, Icon }) => (
            <Link
              key={each}
              to={`/presentations/${presentation.id}/${each}`}
              aria-current={current === each ? "page" : undefined}
              className={cx(
                "-mb-px flex min-h-11 items-center gap-2 border-b-2 px-3 text-sm whitespace-nowrap transition-colors",
                current === each
                  ? "border-accent font-semibold text-ink"
                  : "border-transparent text-soft hover:text-ink",
              )}
            >
              <Icon size={16} className="max-sm:hidden" aria-hidden />
              {t(`tab.${each}`)}
              {each === "actions" && working && (
                <span className="size-2 animate-pulse rounded-full bg-accent" role="img" aria-label={t("state.working")} />
              )}
              {each === "film" && filmStale && (
                <span className="size-2 rounded-full bg-warn" role="img" aria-label={t("slide.stale")} title={t("film.stale")} />
              )}
            </Link>
          ))}
        </nav>
      )}
    </header>
  );
}
