import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useState } from "react";
import type { Presentation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { meQuery } from "@/features/account/api/me";
import { presentationQuery } from "@/features/presentation/api/presentation";
import { ChooseFile } from "@/features/presentations/components/choose-file";
import { send } from "@/features/presentations/store";
import { size } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  /** A file that was dropped already. */
  dropped: File | null;
  onClose: () => void;
}

/** A new version of the deck: which file, and what becomes of what was made. */
export function ReplaceDialog({ presentation, dropped, onClose }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const queries = useQueryClient();
  const limit = useQuery(meQuery).data?.bounds.deckSizeBytes;
  const [chosen, setChosen] = useState<File | null>(null);
  const file = chosen ?? dropped;
  function start() {
    if (!file) return;
    const { id } = presentation;
    const arrived = (answer: Presentation) => {
      queries.setQueryData(presentationQuery(id).queryKey, answer);
      void queries.invalidateQueries({ queryKey: ["presentation", id] });
    };
    send(file, arrived, { replaces: id, limitBytes: limit });
    onClose();
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("presentation.replace")}
      description={t("replace.text")}
      footer={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" disabled={!file} onClick={start}>
            {t("replace.do")}
          </Button>
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-4 rounded-xl border-[1.5px] border-dashed border-edge/60 p-5">
        <span className="grid size-11 shrink-0 place-items-center rounded-xl bg-accent-wash text-accent">
          <FileUp size={20} aria-hidden />
        </span>
        <div className="min-w-0 flex-1 basis-32 text-sm">
          <p className="truncate font-semibold">{file ? file.name : t("replace.which")}</p>
          <p className="text-soft">
            {file ? size(file.size, language) : t("replace.now", { name: presentation.deckName })}
          </p>
        </div>
        <ChooseFile onFiles={([first]) => first && setChosen(first)} />
      </div>
    </Dialog>
  );
}
