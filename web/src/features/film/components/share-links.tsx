import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/choice";
import { CopyField } from "@/components/ui/copy-field";
import { Failure } from "@/components/ui/failure";
import { endShare, makeShare, sharesQuery } from "@/features/film/api/shares";
import { moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const DAY_S = 24 * 3600;
const LENGTHS = [1, 7, 30];

/** Links that open the film for others, for a while. */
export function ShareLinks({ presentationId }: { presentationId: string }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const queries = useQueryClient();
  const query = sharesQuery(presentationId);
  const shares = useQuery(query);
  const [days, setDays] = useState("7");
  const again = () => void queries.invalidateQueries({ queryKey: query.queryKey });
  const make = useMutation({ mutationFn: () => makeShare(presentationId, Number(days) * DAY_S), onSuccess: again });
  const end = useMutation({
    mutationFn: (id: string) => endShare(presentationId, id),
    onSuccess: (_, id) => {
      if (make.data?.id === id) make.reset();
      again();
    },
  });
  const items = shares.data?.items ?? [];
  const error = make.error ?? end.error ?? (shares.data ? null : shares.error);
  return (
    <section aria-labelledby="shares">
      <h2 id="shares" className="mb-2 text-sm font-semibold">
        {t("share.title")}
      </h2>
      <div className="card space-y-4 p-4">
        <p className="text-sm text-soft">{t("share.text")}</p>
        <div className="flex items-end gap-2">
          <div className="flex-1">
            <Select
              label={t("share.opens")}
              value={days}
              options={LENGTHS.map((each) => ({ value: String(each), label: t("share.days", { count: each }) }))}
              onChange={setDays}
            />
          </div>
          <Button
            icon={<Link2 size={16} aria-hidden />}
            busy={make.isPending}
            disabled={make.isPending}
            onClick={() => make.mutate()}
          >
            {t("share.make")}
          </Button>
        </div>
        {make.data && (
          <div>
            <CopyField label={t("share.address")} value={make.data.url} />
            <p className="mt-1.5 text-xs text-soft">{t("share.once")}</p>
          </div>
        )}
        {error && <Failure error={error} />}
        {items.length > 0 && (
          <ul className="divide-y divide-line border-t border-line pt-1">
            {items.map((share) => (
              <li key={share.id} className="flex items-center justify-between gap-3 py-1.5 text-sm">
                <span className="text-soft">{t("share.until", { time: moment(share.expiresAt, language) })}</span>
                <Button
                  size="small"
                  kind="quiet"
                  busy={end.isPending && end.variables === share.id}
                  aria-label={t("share.endOf", { time: moment(share.expiresAt, language) })}
                  onClick={() => end.mutate(share.id)}
                >
                  {t("share.end")}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
