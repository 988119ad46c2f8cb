import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Failure } from "@/components/ui/failure";
import { avatarVideoQuery, resolveAvatarVideo } from "@/features/batches/api/avatar-video";
import { providerName } from "@/features/choices/names";
import { cx } from "@/lib/cx";
import { moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentationId: string;
  avatarVideoId: string;
  place: number;
  onClose: () => void;
}

/** Asks a person what became of a paid call whose answer was lost: only they can see the provider's own list. */
export function Resolve({ presentationId, avatarVideoId, place, onClose }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const queries = useQueryClient();
  const name = useId();
  const [made, setMade] = useState<boolean | null>(null);
  const [jobId, setJobId] = useState("");
  const video = useQuery(avatarVideoQuery(presentationId, avatarVideoId));
  const settle = useMutation({
    mutationFn: () => resolveAvatarVideo(avatarVideoId, made ? { jobId: jobId.trim() } : { notMade: true }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["presentation", presentationId] }),
  });
  const provider = video.data ? providerName(video.data.provider) : "…";
  const ready = made === false || (made === true && jobId.trim() !== "");
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("settle.title")}
      footer={
        settle.isSuccess ? (
          <Button onClick={onClose}>{t("action.close")}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{t("action.keep")}</Button>
            <Button kind="primary" disabled={!ready || settle.isPending} busy={settle.isPending} onClick={() => settle.mutate()}>
              {t("settle.do")}
            </Button>
          </>
        )
      }
    >
      {settle.isSuccess ? (
        <p role="status">{t("settle.done")}</p>
      ) : (
        <div className="space-y-4">
          <p className="text-soft">{t("settle.text", { number: place, provider })}</p>
          {video.data && (
            <p className="text-soft">
              {t("settle.look", { provider, time: moment(video.data.createdAt, language) })}
            </p>
          )}
          <fieldset className="space-y-2.5">
            <legend className="sr-only">{t("settle.title")}</legend>
            <Way name={name} on={made === true} title={t("settle.made")} hint={t("settle.madeHint")} onChange={() => setMade(true)} />
            {made === true && (
              <label className="block pl-7 text-sm font-semibold">
                {t("settle.job", { provider })}
                <input
                  className="field mt-1.5 font-mono text-sm"
                  autoFocus
                  maxLength={200}
                  value={jobId}
                  onChange={(event) => setJobId(event.target.value)}
                />
              </label>
            )}
            <Way name={name} on={made === false} title={t("settle.notMade")} hint={t("settle.notMadeHint")} onChange={() => setMade(false)} />
          </fieldset>
          {settle.isError && <Failure error={settle.error} />}
        </div>
      )}
    </Dialog>
  );
}

interface WayProps {
  name: string;
  on: boolean;
  title: string;
  hint: string;
  onChange: () => void;
}

function Way({ name, on, title, hint, onChange }: WayProps) {
  return (
    <label
      className={cx(
        "flex cursor-pointer gap-3 rounded-xl border p-3.5 text-sm has-focus-visible:outline-2 has-focus-visible:outline-accent",
        on ? "border-accent bg-accent-wash" : "border-line hover:bg-hover",
      )}
    >
      <input type="radio" name={name} className="mt-1 accent-accent" checked={on} onChange={onChange} />
      <span>
        <span className="block font-semibold">{title}</span>
        <span className="text-soft">{hint}</span>
      </span>
    </label>
  );
}
