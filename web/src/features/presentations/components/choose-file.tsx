import { useId } from "react";
import { buttonClass } from "@/components/ui/button";
import { KINDS } from "@/features/presentations/store";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

interface Props {
  kind?: "primary" | "plain";
  many?: boolean;
  className?: string;
  onFiles: (files: File[]) => void;
}

/** Opens the system's own choice of files. */
export function ChooseFile({ kind = "plain", many = false, className, onFiles }: Props) {
  const t = useT();
  const id = useId();
  return (
    <label
      htmlFor={id}
      className={cx(
        buttonClass(kind),
        "relative cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
        className,
      )}
    >
      {t("drop.choose")}
      <input
        id={id}
        type="file"
        accept={KINDS.join(",")}
        multiple={many}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </label>
  );
}
