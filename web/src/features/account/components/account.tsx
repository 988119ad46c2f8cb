import { LogOut, UserRound } from "lucide-react";
import type { Me } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useLeave } from "@/features/account/use-leave";
import { moment } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

/** Who is here, and how they came in. */
export function Account({ me }: { me: Me }) {
  const t = useT();
  const language = useWords((words) => words.language);
  const leave = useLeave();
  return (
    <div className="card flex flex-wrap items-center gap-4 p-5">
      <span className="grid size-11 place-items-center rounded-full bg-accent-wash text-accent">
        <UserRound size={20} aria-hidden />
      </span>
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-semibold">{me.loginNeeded ? me.name : t("account.local")}</p>
        <p className="text-sm text-soft">
          {!me.loginNeeded && t("account.localText")}
          {me.loginNeeded && t(me.signedInBy === "token" ? "account.byToken" : "account.bySession")}
          {me.loginNeeded && me.endsAt && ` · ${t("account.until", { time: moment(me.endsAt, language) })}`}
        </p>
      </div>
      {me.loginNeeded && (
        <Button icon={<LogOut size={16} aria-hidden />} onClick={() => void leave()}>
          {t("account.leave")}
        </Button>
      )}
    </div>
  );
}
