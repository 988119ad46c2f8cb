import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Narrative, Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { restoreNarrative, versionsQuery } from "@/features/slides/api/narrative";
import { drop } from "@/features/slides/drafts";
import { cx } from "@/lib/cx";
import { clock, moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentationId: string;
  slide: Slide;
  onRestored: (narrative: Narrative) => void;
  onClose: () => void;
}

/** Every version of a slide's narrative, to read and to take back. */
export function Versions({ presentationId, slide, onRestored, onClose }: Props) {
  const t = useT();
  const versions = useQuery(versionsQuery(presentationId, slide.id));
  const [chosen, setChosen] = useState<number | null>(null);
  const restore = useMutation({
    mutationFn: (version: number) => restoreNarrative(slide.id, version),
    onSuccess: (narrative) => {
      drop(slide.id);
      onRestored(narrative);
      onClose();
    },
  });
  const items = versions.data?.items ?? [];
  const holds = items[0];
  const shown = items.find((each) => each.version === chosen) ?? holds;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t("versions.title")}
      description={t("versions.text")}
      footer={
        <>
          <Button onClick={onClose}>{t("action.close")}</Button>
          {shown && shown !== holds && (
            <Button
              kind="primary"
              busy={restore.isPending}
              disabled={restore.isPending}
              onClick={() => restore.mutate(shown.version)}
            >
              {t("versions.restore", { version: shown.version })}
            </Button>
          )}
        </>
      }
    >
      {restore.isError && (
        <div className="mb-4">
          <Failure error={restore.error} />
        </div>
      )}
      {versions.isError && <Failure error={versions.error} retry={() => void versions.refetch()} />}
      {versions.isPending && <div className="skeleton h-64" role="status" aria-label={t("state.loading")} />}
      {shown && (
        <div className="grid gap-5 pt-1 sm:grid-cols-[240px_minmax(0,1fr)]">
          <fieldset className="max-h-44 space-y-1 overflow-y-auto p-0.5 sm:max-h-[52vh]">
            <legend className="sr-only">{t("versions.title")}</legend>
            {items.map((each) => (
              <Choice key={each.version} version={each} chosen={each === shown} holds={each === holds} onChoose={() => setChosen(each.version)} />
            ))}
          </fieldset>
          <div className="max-h-[52vh] min-h-40 overflow-y-auto rounded-xl bg-sunk p-4 leading-relaxed whitespace-pre-line" tabIndex={0} role="region" aria-label={t("narrative.version", { count: shown.version })}>
            {shown.text || <span className="text-soft">{t("versions.silent")}</span>}
          </div>
        </div>
      )}
    </Dialog>
  );
}

interface ChoiceProps {
  version: Narrative;
  chosen: boolean;
  holds: boolean;
  onChoose: () => void;
}

function Choice({ version, chosen, holds, onChoose }: ChoiceProps) {
  const t = useT();
  const language = useWords((words) => words.language);
  return (
    <label
      className={cx(
        "relative block cursor-pointer rounded-lg px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-accent",
        chosen ? "bg-accent-wash" : "hover:bg-hover",
      )}
    >
      <input type="radio" name="version" className="sr-only" checked={chosen} onChange={onChoose} />
      <span className="flex items-center gap-2 text-sm font-semibold">
        {t("narrative.version", { count: version.version })}
        {holds && <Badge tone="accent">{t("versions.now")}</Badge>}
      </span>
      <span className="block text-xs text-soft">
        {t(`source.${version.source}`)} · {clock(version.estimatedS)}
      </span>
      <span className="block text-xs text-soft">{moment(version.createdAt, language)}</span>
    </label>
  );
}
