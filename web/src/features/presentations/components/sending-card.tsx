import { FileWarning, FileUp } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { refusalText } from "@/components/ui/refusal-text";
import { putAside, type Sending } from "@/features/presentations/store";
import { size } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** A deck on its way to the server, or why it was refused. */
export function SendingCard({ sending }: { sending: Sending }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { refusal } = sending;
  const { title, next } = refusal ? refusalText(refusal, t) : { title: "", next: null };
  return (
    <li className="card flex flex-col overflow-hidden">
      <div className="grid aspect-video place-items-center border-b border-line bg-sunk">
        {refusal ? (
          <FileWarning size={32} className="text-bad" aria-hidden />
        ) : (
          <FileUp size={32} className="text-soft" aria-hidden />
        )}
      </div>
      <div className="flex flex-1 flex-col gap-3 p-4">
        <div className="flex items-baseline justify-between gap-3">
          <p className="truncate font-semibold">{sending.name}</p>
          <p className="shrink-0 text-sm text-soft">{size(sending.sizeBytes, language)}</p>
        </div>
        {refusal ? (
          <>
            <div role="alert" className="text-sm">
              <p className="text-bad">{title}</p>
              {next && <p className="mt-0.5 text-soft">{next}</p>}
            </div>
            <div className="mt-auto flex gap-2">
              {refusal.retryable && (
                <Button size="small" onClick={sending.again}>
                  {t("action.tryAgain")}
                </Button>
              )}
              <Button size="small" kind={refusal.retryable ? "quiet" : "plain"} onClick={() => putAside(sending.key)}>
                {t("action.dismiss")}
              </Button>
            </div>
          </>
        ) : (
          <SendingProgress sending={sending} />
        )}
      </div>
    </li>
  );
}

/** How far an upload is, and the way out of it. */
export function SendingProgress({ sending }: { sending: Sending }) {
  const t = useT();
  const sent = sending.share >= 1;
  return (
    <div>
      <Progress label={t("upload.progress", { name: sending.name })} share={sent ? null : sending.share} thin />
      <div className="mt-2 flex min-h-8 items-center justify-between text-sm text-soft">
        <span className="tabular-nums">{sent ? t("upload.takenIn") : t("upload.share", { percent: Math.round(sending.share * 100) })}</span>
        {!sent && (
          <Button size="small" kind="quiet" className="-mr-2" onClick={sending.cancel}>
            {t("action.cancel")}
          </Button>
        )}
      </div>
    </div>
  );
}
