import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import type { Presentation } from "@/api/types";
import { Boundary } from "@/app/boundary";
import { NotFound } from "@/app/not-found";
import { asRefusal } from "@/api/refusal";
import { Failure } from "@/components/ui/failure";
import { PageSkeleton } from "@/components/ui/page-skeleton";
import { useLiveStatus } from "@/features/live/use-live-status";
import { presentationQuery } from "@/features/presentation/api/presentation";
import { Importing } from "@/features/presentation/components/importing";
import { PresentationHeader } from "@/features/presentation/components/presentation-header";
import { anySending } from "@/features/presentations/store";
import { useFileDrop } from "@/features/presentations/use-file-drop";
import { anyUnsaved } from "@/features/slides/drafts";
import { usePronouncing } from "@/features/slides/pronouncing";
import { useEndedToasts } from "@/features/batches/use-ended-toasts";

const SlidesTab = lazy(() => import("@/features/slides/components/slides-tab").then((tab) => ({ default: tab.SlidesTab })));
const ActionsTab = lazy(() =>
  import("@/features/batches/components/actions-tab").then((tab) => ({ default: tab.ActionsTab })),
);
const BatchDialogs = lazy(() =>
  import("@/features/batches/components/batch-dialogs").then((part) => ({ default: part.BatchDialogs })),
);
const ChoicesTab = lazy(() =>
  import("@/features/choices/components/choices-tab").then((tab) => ({ default: tab.ChoicesTab })),
);
const Pronunciations = lazy(() =>
  import("@/features/slides/components/pronunciations").then((part) => ({ default: part.Pronunciations })),
);
const ReplaceDialog = lazy(() =>
  import("@/features/presentation/components/replace-dialog").then((part) => ({ default: part.ReplaceDialog })),
);
const FilmTab = lazy(() => import("@/features/film/components/film-tab").then((tab) => ({ default: tab.FilmTab })));

/** Their addresses show a dialog over the actions, which stay as they are: the focus goes back there. */
const DIALOGS = new Set(["make", "batches"]);

interface Props {
  id: string;
  tab: string;
  item: string | null;
}

/** One presentation: its slides, what can be made of them, who presents, and the film. */
export function PresentationPage({ id, tab, item }: Props) {
  const query = useQuery(presentationQuery(id));
  useLiveStatus(id);
  useEndedToasts(id);
  const title = query.data?.title;
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Deckcast`;
  }, [title]);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => (anyUnsaved() || anySending()) && event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, []);
  const pronouncing = usePronouncing();
  const [replacing, setReplacing] = useState<{ file: File | null } | null>(null);
  useFileDrop(([file]) => file && setReplacing({ file }));
  if (query.isPending) return <PageSkeleton />;
  if (query.data === undefined) {
    return asRefusal(query.error).status === 404 ? (
      <NotFound />
    ) : (
      <Failure error={query.error} retry={() => void query.refetch()} />
    );
  }
  const presentation = query.data;
  const waits = presentation.slides.length === 0 && presentation.state !== "ready";
  return (
    <>
      <PresentationHeader presentation={presentation} tab={tab} onReplace={() => setReplacing({ file: null })} />
      <Importing presentation={presentation} onReplace={() => setReplacing({ file: null })} />
      {!waits && (
        <Boundary key={DIALOGS.has(tab) ? "actions" : tab}>
          <Suspense fallback={<div className="skeleton h-96" />}>{shown(presentation, tab, item)}</Suspense>
        </Boundary>
      )}
      {!waits && DIALOGS.has(tab) && (
        <Boundary>
          <Suspense fallback={null}>
            <BatchDialogs presentation={presentation} tab={tab} item={item} />
          </Suspense>
        </Boundary>
      )}
      {replacing && (
        <Suspense fallback={null}>
          <ReplaceDialog presentation={presentation} dropped={replacing.file} onClose={() => setReplacing(null)} />
        </Suspense>
      )}
      {pronouncing.open && (
        <Suspense fallback={null}>
          <Pronunciations
            presentationId={id}
            word={pronouncing.word}
            onClose={() => usePronouncing.setState({ open: false, word: "" })}
          />
        </Suspense>
      )}
    </>
  );
}

function shown(presentation: Presentation, tab: string, item: string | null): ReactNode {
  switch (tab) {
    case "slides":
      return <SlidesTab presentation={presentation} slideId={item} />;
    case "actions":
    case "make":
    case "batches":
      return <ActionsTab presentation={presentation} />;
    case "presenter":
      return <ChoicesTab presentation={presentation} />;
    case "film":
      return <FilmTab presentation={presentation} />;
    default:
      return <NotFound />;
  }
}
