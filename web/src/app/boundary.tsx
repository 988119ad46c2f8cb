import { RotateCw } from "lucide-react";
import { Component, useEffect, useRef, type ReactNode } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useT } from "@/lib/i18n";

interface Props {
  children: ReactNode;
  /** Around a dialog: the error is told in a dialog, which this closes. */
  onClose?: () => void;
}

interface State {
  error: unknown;
}

/** Holds an error of what is in it, so that the rest of the page goes on. */
export class Boundary extends Component<Props, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    const again = () => this.setState({ error: null });
    const { onClose } = this.props;
    return onClose ? <BrokenDialog again={again} onClose={onClose} /> : <Broken again={again} />;
  }
}

/** A part of the page that was not there any more, or not yet, has to be fetched with the page. */
function reload() {
  window.location.reload();
}

function Broken({ again, onClose }: { again: () => void; onClose?: () => void }) {
  const t = useT();
  return (
    <div className={onClose ? "" : "mx-auto w-full max-w-2xl py-6"}>
      <Notice tone="bad" title={t("error.broken")}>
        <p>{t("error.broken.next")}</p>
        <div className="mt-3 flex flex-wrap gap-2">
          <Button icon={<RotateCw size={15} aria-hidden />} onClick={again}>
            {t("action.tryAgain")}
          </Button>
          <Button onClick={reload}>{t("action.reload")}</Button>
          {onClose ? (
            <Button kind="quiet" onClick={onClose}>
              {t("action.close")}
            </Button>
          ) : (
            <a className={buttonClass("quiet")} href="/">
              {t("nav.presentations")}
            </a>
          )}
        </div>
      </Notice>
    </div>
  );
}

/** The browser's own dialog: it needs nothing of the page that is broken. */
function BrokenDialog({ again, onClose }: { again: () => void; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="m-auto w-full max-w-lg rounded-2xl border border-line bg-surface p-4 text-ink shadow-float backdrop:bg-black/45"
      onClose={onClose}
    >
      <Broken again={again} onClose={onClose} />
    </dialog>
  );
}
