import { Menu } from "@base-ui/react/menu";
import { Ellipsis, FileUp, Speech, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Presentation } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { DeleteDialog } from "@/features/presentation/components/delete-dialog";
import { usePronouncing } from "@/features/slides/pronouncing";
import { useT } from "@/lib/i18n";

const ITEM = "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-3 text-sm outline-none data-[highlighted]:bg-hover";

/** What is done with a presentation as a whole: how its words are said, a new version of its deck, deleting it. */
export function PresentationMenu({ presentation, onReplace }: { presentation: Presentation; onReplace: () => void }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu.Root>
        <Menu.Trigger className={buttonClass("quiet", "icon")} aria-label={t("presentation.more")}>
          <Ellipsis size={18} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner align="end" sideOffset={6} className="z-50">
            <Menu.Popup className="min-w-52 rounded-xl border border-line bg-surface p-1 shadow-float outline-none">
              {presentation.slides.length > 0 && (
                <Menu.Item className={ITEM} onClick={() => usePronouncing.setState({ open: true, word: "" })}>
                  <Speech size={15} className="text-soft" aria-hidden /> {t("pronounce.menu")}
                </Menu.Item>
              )}
              <Menu.Item className={ITEM} onClick={onReplace}>
                <FileUp size={15} className="text-soft" aria-hidden /> {t("presentation.replace")}
              </Menu.Item>
              <Menu.Item className={`${ITEM} text-bad`} onClick={() => setAsking(true)}>
                <Trash2 size={15} aria-hidden /> {t("presentation.delete")}
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {asking && <DeleteDialog id={presentation.id} title={presentation.title} onClose={() => setAsking(false)} />}
    </>
  );
}
