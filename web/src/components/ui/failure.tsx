import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { asRefusal } from "@/api/refusal";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { refusalText } from "@/components/ui/refusal-text";
import { useT } from "@/lib/i18n";

interface Props {
  error: unknown;
  retry?: () => void;
  busy?: boolean;
  action?: ReactNode;
}

/** What went wrong in a sentence, the next step, and a way on. */
export function Failure({ error, retry, busy = false, action }: Props) {
  const t = useT();
  const { title, next } = refusalText(asRefusal(error), t);
  return (
    <Notice
      tone="bad"
      title={title}
      action={
        <>
          {action}
          {retry && (
            <Button size="small" busy={busy} icon={<RotateCw size={14} aria-hidden />} onClick={retry}>
              {t("action.tryAgain")}
            </Button>
          )}
        </>
      }
    >
      {next}
    </Notice>
  );
}
