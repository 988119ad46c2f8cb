import { Menu } from "@base-ui/react/menu";
import { Ellipsis, Trash2 } from "lucide-react";
import { useState } from "react";
import type { ListedPresentation } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { DeleteDialog } from "@/features/presentation/components/delete-dialog";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

/** What is done with a presentation from the list. */
export function CardMenu({ row }: { row: ListedPresentation }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu.Root>
        <Menu.Trigger
          className={cx(buttonClass("quiet", "icon"), "relative z-10 -my-1.5 -mr-2")}
          aria-label={t("presentation.moreOf", { title: row.title })}
        >
          <Ellipsis size={17} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner align="end" sideOffset={4} className="z-50">
            <Menu.Popup className="min-w-44 rounded-xl border border-line bg-surface p-1 shadow-float outline-none">
              <Menu.Item
                className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-3 text-sm text-bad outline-none data-[highlighted]:bg-hover"
                onClick={() => setAsking(true)}
              >
                <Trash2 size={15} aria-hidden /> {t("presentation.delete")}
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {asking && <DeleteDialog id={row.id} title={row.title} onClose={() => setAsking(false)} />}
    </>
  );
}
