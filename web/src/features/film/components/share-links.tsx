import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Link2 } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { asRefusal } from "@/api/refusal";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/choice";
import { endShare, makeShare, sharesQuery } from "@/features/film/api/shares";
import { moment } from "@/lib/format";
import { tNow, useT, useWords } from "@/lib/i18n";

const DAY_S = 24 * 3600;
const LENGTHS = [1, 7, 30];

/** Links that open the film for others, for a while. */
export function ShareLinks({ presentationId }: { presentationId: string }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const queries = useQueryClient();
  const query = sharesQuery(presentationId);
  const shares = useQuery(query).data?.items ?? [];
  const [days, setDays] = useState("7");
  const again = () => void queries.invalidateQueries({ queryKey: query.queryKey });
  const refused = (error: unknown) => toast.error(asRefusal(error).message || tNow("error.unreachable"));
  const make = useMutation({ mutationFn: () => makeShare(presentationId, Number(days) * DAY_S), onSuccess: again, onError: refused });
  const end = useMutation({ mutationFn: (id: string) => endShare(presentationId, id), onSuccess: again, onError: refused });
  const address = make.data ? pageAddress(make.data.url) : null;
  async function copy() {
    if (address === null) return;
    await navigator.clipboard.writeText(address);
    toast.success(t("share.copied"));
  }
  return (
    <section>
      <h2 className="mb-2 text-sm font-semibold">{t("share.title")}</h2>
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
          <Button icon={<Link2 size={16} aria-hidden />} busy={make.isPending} onClick={() => make.mutate()}>
            {t("share.make")}
          </Button>
        </div>
        {address !== null && (
          <div>
            <div className="flex gap-2">
              <input
                readOnly
                aria-label={t("share.address")}
                className="field text-sm"
                value={address}
                onFocus={(event) => event.target.select()}
              />
              <Button size="icon" aria-label={t("action.copy")} icon={<Copy size={16} aria-hidden />} onClick={() => void copy()} />
            </div>
            <p className="mt-1.5 text-xs text-soft">{t("share.once")}</p>
          </div>
        )}
        {shares.length > 0 && (
          <ul className="divide-y divide-line border-t border-line pt-1">
            {shares.map((share) => (
              <li key={share.id} className="flex items-center justify-between gap-3 py-1.5 text-sm">
                <span className="text-soft">{t("share.until", { time: moment(share.expiresAt, language) })}</span>
                <Button size="small" kind="quiet" onClick={() => end.mutate(share.id)}>
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

/** A share's address on this page, for people; the API's own is for programs. */
function pageAddress(url: string): string {
  return url.replace("/api/shared/", "/shared/");
}
