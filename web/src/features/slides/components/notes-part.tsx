import { useState } from "react";
import type { Slide } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Part } from "@/features/slides/components/part";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

const LONG_CHARS = 420;

/** What the slide's author noted, as it stands in the deck. */
export function NotesPart({ slide }: { slide: Slide }) {
  const t = useT();
  const [whole, setWhole] = useState(false);
  const long = slide.notes.length > LONG_CHARS;
  return (
    <Part title={t("part.notes")}>
      {slide.notes ? (
        <p className={cx("text-sm leading-relaxed whitespace-pre-line text-soft", long && !whole && "line-clamp-6")}>
          {slide.notes}
        </p>
      ) : (
        <p className="text-sm text-soft">{t("part.notes.none")}</p>
      )}
      {long && (
        <Button kind="quiet" size="small" className="mt-2 -ml-2" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {t(whole ? "notes.less" : "notes.more")}
        </Button>
      )}
    </Part>
  );
}
