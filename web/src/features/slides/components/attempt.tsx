import { Refusal } from "@/api/refusal";
import type { AvatarVideo } from "@/api/types";
import { Badge, type Tone } from "@/components/ui/badge";
import { refusalText } from "@/components/ui/refusal-text";
import { providerName } from "@/features/choices/names";
import { SettleButton } from "@/features/slides/components/settle-button";
import { clock, moment, money } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const TONES: Partial<Record<AvatarVideo["status"], Tone>> = {
  completed: "good",
  failed: "bad",
  timed_out: "bad",
  unresolved: "warn",
  submitting: "accent",
  processing: "accent",
  publishing: "accent",
};

const ENDED = new Set(["completed", "failed", "timed_out", "cancelled", "skipped"]);

interface Props {
  presentationId: string;
  place: number;
  attempt: AvatarVideo;
  /** Whether it is the one that the slide is presented with. */
  shown: boolean;
}

/** One attempt at an avatar video: what became of it, when, by whom, at what price, and why not. */
export function Attempt({ presentationId, place, attempt, shown }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { status, error } = attempt;
  const { title, next } = error
    ? refusalText(new Refusal({ code: error.code, detail: error.message, retryable: error.retryable }), t)
    : { title: "", next: null };
  return (
    <li className="py-3 first:pt-2">
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <Badge tone={TONES[status]}>{t(`status.${status}`)}</Badge>
        {shown && <span className="text-xs font-semibold text-soft">{t("attempt.shown")}</span>}
        <span className="ml-auto text-xs text-soft">{moment(attempt.createdAt, language)}</span>
      </div>
      <p className="mt-1.5 flex flex-wrap gap-x-3 text-xs text-soft">
        <span>{providerName(attempt.provider)}</span>
        {attempt.durationS !== null && <span className="tabular-nums">{clock(attempt.durationS)}</span>}
        {(attempt.costUsd > 0 || ENDED.has(status)) && (
          <span>{attempt.costUsd > 0 ? money(attempt.costUsd, language) : t("attempt.noCost")}</span>
        )}
        {attempt.videoUrl && !shown && (
          <a className="ml-auto text-accent underline-offset-2 hover:underline" href={attempt.videoUrl} target="_blank" rel="noreferrer">
            {t("action.play")}
            <span className="sr-only"> {t("attempt.newTab")}</span>
          </a>
        )}
      </p>
      {error && (
        <p className="mt-1.5 text-sm">
          {title} {next && <span className="text-soft">{next}</span>}
        </p>
      )}
      {status === "unresolved" && (
        <div className="mt-2">
          <p className="mb-2 text-xs text-soft">{t("attempt.mayBePaid")}</p>
          <SettleButton presentationId={presentationId} avatarVideoId={attempt.id} place={place} />
        </div>
      )}
    </li>
  );
}
