import { useQuery } from "@tanstack/react-query";
import { Link2Off } from "lucide-react";
import { useEffect } from "react";
import { asRefusal } from "@/api/refusal";
import { Wordmark } from "@/app/wordmark";
import { Empty } from "@/components/ui/empty";
import { Failure } from "@/components/ui/failure";
import { PageSkeleton } from "@/components/ui/page-skeleton";
import { sharedQuery } from "@/features/film/api/shared";
import { Player } from "@/features/film/components/player";
import { useT } from "@/lib/i18n";

/** What a share opens: the film and nothing else. */
export function SharedPage({ secret }: { secret: string }) {
  const t = useT();
  const film = useQuery(sharedQuery(secret));
  const title = film.data?.title;
  useEffect(() => {
    if (title !== undefined) document.title = title;
  }, [title]);
  if (film.isPending) return <PageSkeleton />;
  const ended = film.isError && [404, 410, 422].includes(asRefusal(film.error).status);
  return (
    <main className="mx-auto max-w-5xl px-4 py-8 sm:py-14">
      {film.data && (
        <>
          <h1 className="mb-5 text-2xl font-semibold sm:text-3xl">{film.data.title}</h1>
          <Player film={film.data} title={film.data.title} />
        </>
      )}
      {ended && <Empty page icon={<Link2Off size={28} aria-hidden />} title={t("shared.ended")} text={t("shared.endedText")} />}
      {film.isError && !ended && (
        <>
          <h1 className="sr-only">Deckcast</h1>
          <Failure error={film.error} retry={() => void film.refetch()} />
        </>
      )}
      <p className="mt-8 flex items-center justify-center gap-2 text-sm text-soft">
        {t("shared.by")} <Wordmark />
      </p>
    </main>
  );
}
