import { useQuery } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { meQuery } from "@/features/account/api/me";
import { ChooseFile } from "@/features/presentations/components/choose-file";
import { useFileDrop } from "@/features/presentations/use-file-drop";
import { cx } from "@/lib/cx";
import { size } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  large: boolean;
  onFiles: (files: File[]) => void;
}

/** Takes decks that are dropped anywhere on the page, or chosen. */
export function DropZone({ large, onFiles }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const limit = useQuery(meQuery).data?.bounds.deckSizeBytes;
  const over = useFileDrop(onFiles);
  return (
    <div
      className={cx(
        "flex flex-wrap items-center justify-center gap-x-5 gap-y-4 rounded-2xl border-[1.5px] border-dashed px-6 text-center transition-colors",
        large ? "flex-col py-16 sm:py-20" : "py-6 sm:justify-start sm:text-left",
        over ? "border-accent bg-accent-wash" : "border-edge/60 bg-surface",
      )}
    >
      <span className={cx("grid place-items-center rounded-2xl bg-accent-wash text-accent", large ? "size-16" : "size-11")}>
        <FileUp size={large ? 30 : 22} aria-hidden />
      </span>
      <div className="min-w-0">
        <p className={cx("font-semibold", large && "text-lg")}>{t(over ? "drop.now" : "drop.here")}</p>
        <p className="text-sm text-balance text-soft">
          {t("drop.kinds", { size: limit === undefined ? "…" : size(limit, language) })}
        </p>
      </div>
      <ChooseFile many kind={large ? "primary" : "plain"} className={cx(!large && "sm:ml-auto")} onFiles={onFiles} />
    </div>
  );
}
