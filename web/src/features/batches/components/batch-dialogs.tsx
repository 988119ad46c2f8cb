import { lazy, Suspense } from "react";
import type { Presentation } from "@/api/types";
import { Boundary } from "@/app/boundary";
import { go } from "@/app/router";
import { Dialog } from "@/components/ui/dialog";
import { isKind } from "@/features/batches/kinds";
import { useT } from "@/lib/i18n";

const MakeDialog = lazy(() =>
  import("@/features/batches/components/make-dialog").then((dialog) => ({ default: dialog.MakeDialog })),
);
const WatchDialog = lazy(() =>
  import("@/features/batches/components/watch-dialog").then((dialog) => ({ default: dialog.WatchDialog })),
);

interface Props {
  presentation: Presentation;
  tab: string;
  item: string | null;
}

/** The dialogs that have an address of their own: what is to be made, and how it goes. */
export function BatchDialogs({ presentation, tab, item }: Props) {
  const t = useT();
  const close = () => go(`/presentations/${presentation.id}/actions`);
  if (tab === "make" && !isKind(item)) {
    return (
      <Dialog open title={t("notFound.title")} onClose={close}>
        {t("notFound.text")}
      </Dialog>
    );
  }
  return (
    <Boundary key={`${tab}/${item}`} onClose={close}>
      <Suspense>
        {tab === "make" && isKind(item) && <MakeDialog presentation={presentation} kind={item} onClose={close} />}
        {tab === "batches" && item !== null && (
          <WatchDialog presentation={presentation} batchId={item} onClose={close} />
        )}
      </Suspense>
    </Boundary>
  );
}
