import { Film } from "lucide-react";
import type { BatchStatus, Presentation } from "@/api/types";
import { buttonClass } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Link } from "@/components/ui/link";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  last: BatchStatus | null;
}

/** There is no film: how it comes, or what became of the last try. */
export function NoFilm({ presentation, last }: Props) {
  const t = useT();
  const failed = last?.state === "failed";
  return (
    <Empty
      icon={<Film size={28} aria-hidden />}
      title={t(failed ? "film.failed" : "film.none")}
      text={t(failed ? "film.failedText" : "film.noneText")}
    >
      <Link to={`/presentations/${presentation.id}/make/presentation_video`} className={buttonClass("primary")}>
        {t(failed ? "action.tryAgain" : "action.presentation_video")}
      </Link>
      {failed && (
        <Link to={`/presentations/${presentation.id}/batches/${last.id}`} className={buttonClass()}>
          {t("film.why")}
        </Link>
      )}
    </Empty>
  );
}
