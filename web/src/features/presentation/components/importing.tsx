import { FileSearch, FileUp } from "lucide-react";
import { Refusal } from "@/api/refusal";
import type { Presentation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Progress } from "@/components/ui/progress";
import { refusalText } from "@/components/ui/refusal-text";
import { useLive } from "@/features/live/store";
import { SendingProgress } from "@/features/presentations/components/sending-card";
import { putAside, useUploads } from "@/features/presentations/store";
import { knownKey, useT } from "@/lib/i18n";

/** A deck that is on its way or being read, or why it could not be. The version before it stays in use meanwhile. */
export function Importing({ presentation, onReplace }: { presentation: Presentation; onReplace: () => void }) {
  const t = useT();
  const live = useLive((store) => store.of[presentation.id]?.presentation);
  const sending = useUploads((uploads) => uploads.sending.find((each) => each.replaces === presentation.id));
  const error = live ? live.error : presentation.error;
  const state = live?.state ?? presentation.state;
  const first = presentation.slides.length === 0;
  if (sending?.refusal) {
    const { title, next } = refusalText(sending.refusal, t);
    return (
      <Refused title={title} next={next} old={first ? null : t("import.oldStands")}>
        {sending.refusal.retryable && (
          <Button size="small" onClick={sending.again}>
            {t("action.tryAgain")}
          </Button>
        )}
        <Button size="small" onClick={() => putAside(sending.key)}>
          {t("action.dismiss")}
        </Button>
      </Refused>
    );
  }
  if (sending) {
    return (
      <div className="card mb-6 p-4">
        <p className="mb-3 flex items-center gap-2.5 text-sm font-semibold">
          <FileUp size={17} className="text-accent" aria-hidden /> {t("upload.progress", { name: sending.name })}
        </p>
        <SendingProgress sending={sending} />
      </div>
    );
  }
  if (state === "importing") return first ? <Reading presentation={presentation} step={live?.importStep} /> : <ReadingAnew />;
  if (!error) return null;
  const { title, next } = refusalText(new Refusal({ code: error.code, detail: error.message }), t);
  const detail = title === error.message || error.code !== "deck_too_large" ? null : error.message;
  return (
    <Refused title={title} next={next} detail={detail} old={first ? t("import.nothing", { name: presentation.deckName }) : t("import.oldStands")}>
      <Button size="small" onClick={onReplace}>
        {t("import.another")}
      </Button>
    </Refused>
  );
}

interface RefusedProps {
  title: string;
  detail?: string | null;
  next: string | null;
  old: string | null;
  children: React.ReactNode;
}

function Refused({ title, detail, next, old, children }: RefusedProps) {
  return (
    <div className="mb-6">
      <Notice tone="bad" title={title} action={<div className="flex items-center gap-2">{children}</div>}>
        {detail && <p>{detail}</p>}
        {next && <p>{next}</p>}
        {old && <p>{old}</p>}
      </Notice>
    </div>
  );
}

function Reading({ presentation, step }: { presentation: Presentation; step?: string }) {
  const t = useT();
  return (
    <div className="card mx-auto mt-6 max-w-lg p-8 text-center">
      <FileSearch size={32} className="mx-auto mb-4 text-accent" aria-hidden />
      <h2 className="font-semibold">{t("import.title", { name: presentation.deckName })}</h2>
      <p role="status" className="mt-1 mb-5 text-sm text-soft">
        {t(knownKey(`import.${step ?? presentation.importStep}`) ?? "import.reading")}
      </p>
      <Progress label={t("import.label")} share={null} thin />
    </div>
  );
}

function ReadingAnew() {
  const t = useT();
  return (
    <div className="card mb-6 p-4">
      <p role="status" className="mb-3 flex items-center gap-2.5 text-sm">
        <FileSearch size={17} className="text-accent" aria-hidden />
        <span>
          <span className="font-semibold">{t("import.newVersion")}</span> <span className="text-soft">{t("import.oldMeanwhile")}</span>
        </span>
      </p>
      <Progress label={t("import.label")} share={null} thin />
    </div>
  );
}
