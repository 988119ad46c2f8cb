import { useQuery } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { buttonClass } from "@/components/ui/button";
import { meQuery } from "@/features/account/api/me";
import { cx } from "@/lib/cx";
import { size } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const KINDS = ".pptx,.ppt,.pptm,.ppsx,.odp,.pdf";

interface Props {
  large: boolean;
  onFiles: (files: File[]) => void;
}

/** Takes decks that are dropped anywhere on the page, or chosen. */
export function DropZone({ large, onFiles }: Props) {
  const t = useT();
  const id = useId();
  const language = useWords((words) => words.language);
  const limit = useQuery(meQuery).data?.bounds.deckSizeBytes;
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const take = useRef(onFiles);
  take.current = onFiles;

  useEffect(() => {
    const isFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!isFile(event)) return;
      depth.current += 1;
      setOver(true);
    };
    const leave = () => {
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    };
    const hold = (event: DragEvent) => isFile(event) && event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      take.current([...(event.dataTransfer?.files ?? [])]);
    };
    const heard = { dragenter: enter, dragleave: leave, dragover: hold, drop };
    for (const [name, hear] of Object.entries(heard)) window.addEventListener(name, hear as EventListener);
    return () => {
      for (const [name, hear] of Object.entries(heard)) window.removeEventListener(name, hear as EventListener);
    };
  }, []);

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
        <p className="text-sm text-soft">
          {t("drop.kinds", { size: limit === undefined ? "…" : size(limit, language) })}
        </p>
      </div>
      <label
        htmlFor={id}
        className={cx(
          buttonClass(large ? "primary" : "plain"),
          "cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
          !large && "sm:ml-auto",
        )}
      >
        {t("drop.choose")}
        <input
          id={id}
          type="file"
          accept={KINDS}
          multiple
          className="sr-only"
          onChange={(event) => {
            onFiles([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </label>
    </div>
  );
}
