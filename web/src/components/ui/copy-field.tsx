import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useT } from "@/lib/i18n";

const SAID_MS = 2500;

/** Something to take away by copying: shown whole, and said when it was copied. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const t = useT();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      field.current?.select(); // without leave for the clipboard, it is ready for the person's own copying
    }
  }
  return (
    <div className="flex gap-2">
      <input
        ref={field}
        readOnly
        aria-label={label}
        className="field min-w-0 flex-1 font-mono text-[13px]"
        value={value}
        onFocus={(event) => event.target.select()}
      />
      <Button icon={copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />} onClick={() => void copy()}>
        <span className="max-sm:sr-only">{t(copied ? "action.copied" : "action.copy")}</span>
      </Button>
      <span role="status" className="sr-only">
        {copied && t("action.copied")}
      </span>
    </div>
  );
}
