import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useEffect, useState } from "react";
import type { Presentation } from "@/api/types";
import { go } from "@/app/router";
import { Button } from "@/components/ui/button";
import { Failure } from "@/components/ui/failure";
import { meQuery } from "@/features/account/api/me";
import { addSample } from "@/features/presentations/api/sample";
import { presentationsQuery } from "@/features/presentations/api/list";
import { DropZone } from "@/features/presentations/components/drop-zone";
import { PresentationCard } from "@/features/presentations/components/presentation-card";
import { SendingCard } from "@/features/presentations/components/sending-card";
import { anySending, send, useUploads } from "@/features/presentations/store";
import { useT } from "@/lib/i18n";

const PAGE_OF = 3;

/** All presentations, and where new ones come in. */
export function PresentationsPage() {
  const t = useT();
  const queries = useQueryClient();
  const list = useInfiniteQuery(presentationsQuery);
  const uploads = useUploads((store) => store.sending);
  const sending = uploads.filter((each) => each.replaces === null);
  const limitBytes = useQuery(meQuery).data?.bounds.deckSizeBytes;
  const [late, setLate] = useState(false);
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const sample = useMutation({
    mutationFn: addSample,
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ["presentations"] });
      go(`/presentations/${id}`);
    },
  });
  useEffect(() => {
    document.title = "Deckcast";
    const timer = setTimeout(() => setLate(true), 150); // a list that comes at once shows no skeleton before
    const ask = (event: BeforeUnloadEvent) => anySending() && event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("beforeunload", ask);
    };
  }, []);

  function take(files: File[]) {
    for (const file of files) {
      const arrived = ({ id }: Presentation) => {
        void queries.invalidateQueries({ queryKey: ["presentations"] });
        if (files.length === 1 && window.location.pathname === "/") go(`/presentations/${id}`);
      };
      send(file, arrived, { limitBytes });
    }
  }

  const empty = list.isSuccess && rows.length === 0 && sending.length === 0;
  return (
    <>
      <header className="mb-7">
        <h1 className="text-2xl font-semibold sm:text-3xl">{t(empty ? "presentations.welcome" : "nav.presentations")}</h1>
        <p className="mt-1.5 max-w-xl text-balance text-soft">{t("presentations.lead")}</p>
      </header>
      <DropZone large={empty} onFiles={take} />
      {empty && (
        <div className="mt-6 flex flex-wrap items-center justify-center gap-3 text-center text-soft">
          {t("presentations.noDeck")}
          <Button
            busy={sample.isPending}
            icon={<Sparkles size={16} aria-hidden />}
            onClick={() => sample.mutate()}
          >
            {t("presentations.sample")}
          </Button>
        </div>
      )}
      {sample.isError && <div className="mt-4"><Failure error={sample.error} /></div>}
      {list.isError && <div className="mt-6"><Failure error={list.error} retry={() => void list.refetch()} /></div>}
      <ul className="mt-8 grid grid-cols-1 gap-5 sm:grid-cols-2 lg:grid-cols-3 2xl:grid-cols-4" aria-label={t("nav.presentations")}>
        {sending.map((each) => (
          <SendingCard key={each.key} sending={each} />
        ))}
        {rows.map((row) => (
          <PresentationCard key={row.id} row={row} />
        ))}
        {list.isPending && late && Array.from({ length: PAGE_OF }, (_, index) => <li key={index} className="skeleton h-72 rounded-[14px]" aria-hidden />)}
      </ul>
      {list.hasNextPage && (
        <div className="mt-8 text-center">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </div>
      )}
    </>
  );
}
