import { Menu } from "@base-ui/react/menu";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, RefreshCcw, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { toast } from "sonner";
import type { Presentation } from "@/api/types";
import { asRefusal } from "@/api/refusal";
import { go } from "@/app/router";
import { buttonClass } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { deletePresentation } from "@/features/presentation/api/presentation";
import { upload } from "@/features/presentations/api/upload";
import { tNow, useT } from "@/lib/i18n";

const ITEM = "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-3 text-sm outline-none data-[highlighted]:bg-hover";

/** What is done with a presentation as a whole: a new version of its deck, deleting it. */
export function PresentationMenu({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const queries = useQueryClient();
  const file = useRef<HTMLInputElement>(null);
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => deletePresentation(presentation.id),
    onSuccess: ({ gone }) => {
      void queries.invalidateQueries({ queryKey: ["presentations"] });
      go("/");
      toast(t(gone ? "delete.done" : "delete.drains", { title: presentation.title }));
    },
    onError: (error) => toast.error(asRefusal(error).message),
  });
  const replace = useMutation({
    mutationFn: (deck: File) => upload(deck, `/api/presentations/${presentation.id}/deck`, "PUT", () => undefined).done,
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["presentation", presentation.id] }),
    onError: (error) => toast.error(asRefusal(error).message || tNow("error.unreachable")),
  });
  return (
    <>
      <input
        ref={file}
        type="file"
        hidden
        aria-label={t("presentation.replace")}
        onChange={(event) => event.target.files?.[0] && replace.mutate(event.target.files[0])}
      />
      <Menu.Root>
        <Menu.Trigger className={buttonClass("quiet", "icon")} aria-label={t("presentation.more")}>
          <Ellipsis size={18} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner align="end" sideOffset={6} className="z-50">
            <Menu.Popup className="min-w-52 rounded-xl border border-line bg-surface p-1 shadow-float outline-none">
              <Menu.Item className={ITEM} onClick={() => file.current?.click()}>
                <RefreshCcw size={15} className="text-soft" aria-hidden /> {t("presentation.replace")}
              </Menu.Item>
              <Menu.Item className={`${ITEM} text-bad`} onClick={() => setAsking(true)}>
                <Trash2 size={15} aria-hidden /> {t("presentation.delete")}
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <Confirm
        open={asking}
        title={t("delete.title", { title: presentation.title })}
        yes={t("presentation.delete")}
        busy={remove.isPending}
        onYes={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("delete.text")}
      </Confirm>
    </>
  );
}
