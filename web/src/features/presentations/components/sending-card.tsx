import { FileWarning, FileUp } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { putAside, type Sending } from "@/features/presentations/store";
import { size } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** A deck on its way to the server, or why it was refused. */
export function SendingCard({ sending }: { sending: Sending }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { refusal } = sending;
  return (
    <li className="card flex flex-col overflow-hidden">
      <div className="grid flex-1 place-items-center bg-sunk p-8">
        {refusal ? (
          <FileWarning size={34} className="text-bad" aria-hidden />
        ) : (
          <FileUp size={34} className="text-soft" aria-hidden />
        )}
      </div>
      <div className="space-y-3 p-4">
        <div>
          <p className="truncate font-semibold">{sending.name}</p>
          <p className="text-sm text-soft">{size(sending.sizeBytes, language)}</p>
        </div>
        {refusal ? (
          <>
            <p role="alert" className="text-sm text-bad">
              {refusal.message || t("error.unreachable")} {refusal.nextStep}
            </p>
            <Button size="small" onClick={() => putAside(sending.key)}>
              {t("action.dismiss")}
            </Button>
          </>
        ) : (
          <>
            <Progress label={t("upload.progress", { name: sending.name })} share={sending.share} thin />
            <div className="flex items-center justify-between text-sm text-soft">
              <span className="tabular-nums">{Math.round(sending.share * 100)} %</span>
              <Button size="small" kind="quiet" onClick={sending.cancel}>
                {t("action.cancel")}
              </Button>
            </div>
          </>
        )}
      </div>
    </li>
  );
}
