import { CircleAlert, CircleCheck, TriangleAlert, X } from "lucide-react";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { create } from "zustand";
import { Button } from "@/components/ui/button";
import { useT } from "@/lib/i18n";

type Tone = "plain" | "success" | "warning" | "error";

interface More {
  description?: string | null;
  action?: { label: string; onClick: () => void };
}

interface Toast extends More {
  id: number;
  tone: Tone;
  title: string;
}

const STAYS_MS = 7_000;
const MOST = 3;
const useToasts = create<{ shown: Toast[] }>(() => ({ shown: [] }));
let last = 0;

function show(tone: Tone, title: string, more: More = {}): void {
  last += 1;
  const next = { id: last, tone, title, ...more };
  useToasts.setState(({ shown }) => ({ shown: [...shown, next].slice(-MOST) }));
}

function dismiss(id: number): void {
  useToasts.setState(({ shown }) => ({ shown: shown.filter((each) => each.id !== id) }));
}

/** Tell of what ended elsewhere on the page; it goes by itself, except while somebody reads it. */
export const toast = Object.assign((title: string, more?: More) => show("plain", title, more), {
  success: (title: string, more?: More) => show("success", title, more),
  warning: (title: string, more?: More) => show("warning", title, more),
  error: (title: string, more?: More) => show("error", title, more),
});

/** Where toasts are shown, and told to a screen reader. */
export function Toasts() {
  const shown = useToasts((toasts) => toasts.shown);
  return createPortal(
    <div
      role="status"
      className="pointer-events-none fixed right-0 bottom-0 z-50 flex w-full flex-col items-end gap-2.5 p-4 sm:w-auto sm:p-6"
    >
      {shown.map((each) => (
        <Shown key={each.id} toast={each} />
      ))}
    </div>,
    document.body, // above the dialogs
  );
}

const signs = {
  plain: null,
  success: <CircleCheck size={18} className="mt-0.5 shrink-0 text-good" aria-hidden />,
  warning: <TriangleAlert size={18} className="mt-0.5 shrink-0 text-warn" aria-hidden />,
  error: <CircleAlert size={18} className="mt-0.5 shrink-0 text-bad" aria-hidden />,
};

function Shown({ toast: { id, tone, title, description, action } }: { toast: Toast }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [held, id]);
  return (
    <div
      className="pointer-events-auto flex w-full max-w-sm items-start gap-3 rounded-xl border border-line bg-surface p-4 text-sm shadow-float transition duration-200 sm:w-96 starting:translate-y-2 starting:opacity-0"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {signs[tone]}
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{title}</p>
        {description && <p className="text-soft">{description}</p>}
      </div>
      {action && (
        <Button
          size="small"
          onClick={() => {
            dismiss(id);
            action.onClick();
          }}
        >
          {action.label}
        </Button>
      )}
      <Button
        size="icon"
        kind="quiet"
        className="-my-1 -mr-2"
        aria-label={t("action.dismiss")}
        icon={<X size={15} aria-hidden />}
        onClick={() => dismiss(id)}
      />
    </div>
  );
}
