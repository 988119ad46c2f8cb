import { RotateCw } from "lucide-react";
import { asRefusal } from "@/api/refusal";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useT } from "@/lib/i18n";

/** What went wrong in a sentence, the next step, and a way on. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT();
  const refusal = asRefusal(error);
  const lost = refusal.code === "unreachable";
  return (
    <Notice
      tone="bad"
      title={refusal.message || t(lost ? "error.unreachable" : "error.unknown")}
      action={
        retry && (
          <Button size="small" icon={<RotateCw size={14} aria-hidden />} onClick={retry}>
            {t("action.tryAgain")}
          </Button>
        )
      }
    >
      {refusal.nextStep ?? (lost ? t("error.unreachable.next") : null)}
    </Notice>
  );
}
