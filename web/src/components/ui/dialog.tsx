import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useLayoutEffect, useRef, type ReactNode } from "react";
import { buttonClass } from "@/components/ui/button";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

interface Props {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  aside?: ReactNode;
  wide?: boolean;
  footer?: ReactNode;
  children: ReactNode;
}

/** A dialog with its own scrolling middle; focus is kept in it and given back, Escape closes it. */
export function Dialog({ open, onClose, title, description, aside, wide = false, footer, children }: Props) {
  const t = useT();
  const popup = useRef<HTMLDivElement>(null);
  useFocusGivenBack(open);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop
          forceRender
          className="fixed inset-0 z-40 bg-black/45 backdrop-blur-[2px] transition-opacity duration-150 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0"
        />
        <Base.Viewport className="fixed inset-0 z-40 grid place-items-end sm:place-items-center sm:p-6">
          <Base.Popup
            ref={popup}
            initialFocus={popup}
            className={cx(
              "flex max-h-[94dvh] w-full flex-col overflow-hidden border border-line bg-surface shadow-float outline-none",
              "rounded-t-2xl transition duration-150 sm:max-h-[88dvh] sm:rounded-2xl",
              "data-[ending-style]:translate-y-2 data-[ending-style]:opacity-0 data-[starting-style]:translate-y-2 data-[starting-style]:opacity-0",
              wide ? "sm:max-w-4xl" : "sm:max-w-lg",
            )}
          >
            <header className="flex items-start gap-3 px-5 pt-5 pb-3 sm:px-7 sm:pt-6">
              <div className="min-w-0 flex-1">
                <Base.Title className="text-lg font-semibold sm:text-xl">{title}</Base.Title>
                {description && (
                  <Base.Description className="mt-1 text-sm text-soft" render={<div />}>
                    {description}
                  </Base.Description>
                )}
              </div>
              {aside}
              <Base.Close className={cx(buttonClass("quiet", "icon"), "-mt-1 -mr-2")} aria-label={t("action.close")}>
                <X size={18} aria-hidden />
              </Base.Close>
            </header>
            <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 pb-5 sm:px-7">{children}</div>
            {footer && (
              <footer className="flex flex-wrap items-center justify-end gap-3 border-t border-line bg-ground px-5 py-4 sm:px-7">
                {footer}
              </footer>
            )}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

/** Where a dialog goes with its address, all of it goes at once: what opened it has the focus again, if it is there. */
function useFocusGivenBack(open: boolean): void {
  useLayoutEffect(() => {
    const before = document.activeElement;
    if (!open) return;
    return () => {
      setTimeout(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && before instanceof HTMLElement) (before.isConnected ? before : document.getElementById("main"))?.focus();
      });
    };
  }, [open]);
}
