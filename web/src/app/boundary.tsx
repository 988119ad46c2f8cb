import { Component, type ReactNode } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useT } from "@/lib/i18n";

interface State {
  error: unknown;
}

/** Holds an error of what is in it, so that the rest of the page goes on. */
export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <Broken again={() => this.setState({ error: null })} />;
  }
}

function Broken({ again }: { again: () => void }) {
  const t = useT();
  return (
    <div className="mx-auto max-w-2xl p-6">
      <Notice tone="bad" title={t("error.broken")}>
        <p>{t("error.broken.next")}</p>
        <div className="mt-3 flex flex-wrap gap-2">
          <Button onClick={again}>{t("action.tryAgain")}</Button>
          <a className={buttonClass("quiet")} href="/">
            {t("nav.presentations")}
          </a>
        </div>
      </Notice>
    </div>
  );
}
