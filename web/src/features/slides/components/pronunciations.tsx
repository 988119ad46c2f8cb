import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { pronunciationsQuery, setPronunciations, type Pronunciation } from "@/features/slides/api/pronunciations";
import { PronunciationRows, wrongIn, type Row } from "@/features/slides/components/pronunciation-rows";
import { useT } from "@/lib/i18n";

interface Props {
  presentationId: string;
  /** A word that somebody wants to have said otherwise. */
  word: string;
  onClose: () => void;
}

/** How words of the presentation are said. */
export function Pronunciations({ presentationId, word, onClose }: Props) {
  const t = useT();
  const queries = useQueryClient();
  const known = useQuery(pronunciationsQuery(presentationId));
  const [edited, setEdited] = useState<Row[] | null>(null);
  const [checked, setChecked] = useState(false);
  const rows = edited ?? (known.data ? begun(known.data.items, word) : []);
  const kept = rows.filter((row) => row.written.trim() || row.spoken.trim());
  const save = useMutation({
    mutationFn: () => setPronunciations(presentationId, kept.map(({ written, spoken }) => ({ written: written.trim(), spoken: spoken.trim() }))),
    onSuccess: (answer) => {
      queries.setQueryData(pronunciationsQuery(presentationId).queryKey, answer);
      void queries.invalidateQueries({ queryKey: ["presentation", presentationId] });
      onClose();
    },
  });
  function submit() {
    setChecked(true);
    if (wrongIn(kept).size === 0) save.mutate();
  }
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t("pronounce.title")}
      description={t("pronounce.text")}
      footer={
        <>
          <p className="mr-auto text-xs text-soft">{t("pronounce.stale")}</p>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" busy={save.isPending} disabled={edited === null || save.isPending} onClick={submit}>
            {t("action.save")}
          </Button>
        </>
      }
    >
      {save.isError && (
        <div className="mb-4">
          <Failure error={save.error} />
        </div>
      )}
      {known.isError && <Failure error={known.error} retry={() => void known.refetch()} />}
      {known.isPending && <div className="skeleton h-40" role="status" aria-label={t("state.loading")} />}
      {known.data && (
        <PronunciationRows
          rows={rows}
          wrong={checked ? wrongIn(kept) : new Map()}
          onChange={setEdited}
          onSubmit={submit}
        />
      )}
    </Dialog>
  );
}

/** What is known, with the word that somebody came with first, ready to be said. */
function begun(items: readonly Pronunciation[], word: string): Row[] {
  const rows = items.map((each, index) => ({ ...each, key: index }));
  const there = rows.some((row) => row.written === word);
  return there || (!word && rows.length > 0) ? rows : [{ written: word, spoken: "", key: -1 }, ...rows];
}
