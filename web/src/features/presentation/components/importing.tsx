import { FileSearch } from "lucide-react";
import type { Presentation } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { Notice } from "@/components/ui/notice";
import { Progress } from "@/components/ui/progress";
import { useLive } from "@/features/live/store";
import { knownKey, useT } from "@/lib/i18n";

/** A deck that is being read, or why it could not be. */
export function Importing({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const live = useLive((store) => store.of[presentation.id]?.presentation);
  const error = live?.error ?? presentation.error;
  const state = live?.state ?? presentation.state;
  if (error) {
    return (
      <div className="mb-6">
        <Notice
          tone="bad"
          title={error.message}
          action={
            <Link to="/" className={buttonClass("plain", "small")}>
              {t("import.another")}
            </Link>
          }
        >
          {presentation.slides.length > 0 ? t("import.oldStands") : t("import.nothing", { name: presentation.deckName })}
        </Notice>
      </div>
    );
  }
  if (state === "ready") return null;
  const step = knownKey(`import.${live?.importStep ?? presentation.importStep}`) ?? "import.reading";
  return (
    <div className="card mx-auto mt-6 max-w-lg p-8 text-center">
      <FileSearch size={32} className="mx-auto mb-4 text-accent" aria-hidden />
      <h2 className="font-semibold">{t("import.title", { name: presentation.deckName })}</h2>
      <p role="status" className="mt-1 mb-5 text-sm text-soft">
        {t(step)}
      </p>
      <Progress label={t("import.label")} share={null} thin />
    </div>
  );
}
