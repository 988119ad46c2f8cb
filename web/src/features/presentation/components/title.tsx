import { Pencil } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { toast } from "@/components/ui/toast";
import { asRefusal } from "@/api/refusal";
import type { Presentation } from "@/api/types";
import { refusalText } from "@/components/ui/refusal-text";
import { useChange } from "@/features/presentation/api/presentation";
import { useT } from "@/lib/i18n";

/** The title, which can be changed where it stands. */
export function Title({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const change = useChange(presentation.id);
  const [draft, setDraft] = useState<string | null>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  const cameBack = useRef(false);
  useEffect(() => {
    if (draft === null && cameBack.current) pencil.current?.focus();
    cameBack.current = false;
  }, [draft]);

  function keep() {
    const title = draft?.trim() ?? "";
    setDraft(null);
    if (title === "" || title === presentation.title) return;
    change.mutate({ title }, { onError: (error) => toast.error(refusalText(asRefusal(error)).title) });
  }
  function onKey(event: KeyboardEvent) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    cameBack.current = true;
    if (event.key === "Enter") keep();
    else setDraft(null);
  }

  if (draft !== null) {
    return (
      <input
        autoFocus
        aria-label={t("presentation.title")}
        className="field -my-1 -ml-2 max-w-2xl px-2 py-0.5 text-2xl font-semibold tracking-tight sm:text-3xl"
        value={draft}
        maxLength={200}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={keep}
        onKeyDown={onKey}
      />
    );
  }
  return (
    <h1 className="group text-2xl font-semibold break-words sm:text-3xl">
      {presentation.title}{" "}
      <button
        ref={pencil}
        type="button"
        aria-label={t("presentation.rename")}
        className="rounded-md p-1.5 align-middle text-soft hover:bg-hover hover:text-ink"
        onClick={() => setDraft(presentation.title)}
      >
        <Pencil size={15} aria-hidden />
      </button>
    </h1>
  );
}
