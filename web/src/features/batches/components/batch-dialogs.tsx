import type { Presentation } from "@/api/types";
import { go } from "@/app/router";
import { Dialog } from "@/components/ui/dialog";
import { Boundary } from "@/app/boundary";
import { MakeDialog } from "@/features/batches/components/make-dialog";
import { WatchDialog } from "@/features/batches/components/watch-dialog";
import { isKind } from "@/features/batches/kinds";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  tab: string;
  item: string | null;
}

/** The dialogs that have an address of their own: what is to be made, and how it goes. */
export function BatchDialogs({ presentation, tab, item }: Props) {
  const t = useT();
  const close = () => go(`/presentations/${presentation.id}/actions`);
  if (tab === "make" && isKind(item)) {
    return (
      <Boundary>
        <MakeDialog key={item} presentation={presentation} kind={item} onClose={close} />
      </Boundary>
    );
  }
  if (tab === "batches" && item !== null) {
    return (
      <Boundary>
        <WatchDialog key={item} presentation={presentation} batchId={item} onClose={close} />
      </Boundary>
    );
  }
  if (tab === "make") {
    return (
      <Dialog open title={t("notFound.title")} onClose={close}>
        {t("notFound.text")}
      </Dialog>
    );
  }
  return null;
}
