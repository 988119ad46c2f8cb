import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toast";
import type { Presentation } from "@/api/types";
import { go } from "@/app/router";
import { Confirm } from "@/components/ui/confirm";
import { Failure } from "@/components/ui/failure";
import { deletePresentation, presentationQuery } from "@/features/presentation/api/presentation";
import { tNow, useT, type Translate } from "@/lib/i18n";

interface Props {
  id: string;
  title: string;
  onClose: () => void;
}

/** Asks before a presentation is deleted, and names what goes with it. */
export function DeleteDialog({ id, title, onClose }: Props) {
  const t = useT();
  const queries = useQueryClient();
  const shown = useQuery(presentationQuery(id)).data;
  const remove = useMutation({
    mutationFn: () => deletePresentation(id),
    onSuccess: ({ gone }) => {
      onClose();
      toast(tNow(gone ? "delete.done" : "delete.drains", { title }));
      go("/");
      queries.removeQueries({ queryKey: ["presentation", id] });
      void queries.invalidateQueries({ queryKey: ["presentations"] });
    },
  });
  return (
    <Confirm
      open
      title={t("delete.title", { title })}
      yes={t("presentation.delete")}
      busy={remove.isPending}
      onYes={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t("delete.goes")}</p>
      <ul className="mt-2 min-h-24 list-disc space-y-1 pl-5 text-ink">
        {shown && whatGoes(shown, t).map((each) => <li key={each}>{each}</li>)}
      </ul>
      <p className="mt-2">{t("delete.running")}</p>
      {remove.isError && (
        <div className="mt-4">
          <Failure error={remove.error} />
        </div>
      )}
    </Confirm>
  );
}

function whatGoes({ slides, film, deckName }: Presentation, t: Translate): string[] {
  const count = (has: (slide: Presentation["slides"][number]) => unknown) => slides.filter(has).length;
  const [narratives, speeches, videos] = [count((s) => s.narrative), count((s) => s.speech), count((s) => s.avatarVideo)];
  return [
    t("delete.deck", { name: deckName, count: slides.length }),
    narratives > 0 && t("delete.narratives", { count: narratives }),
    speeches > 0 && t("delete.speeches", { count: speeches }),
    videos > 0 && t("delete.videos", { count: videos }),
    film !== null && t("delete.film"),
  ].filter((each) => each !== false);
}
