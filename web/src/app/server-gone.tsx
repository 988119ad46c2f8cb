import { useQueryClient } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { asRefusal } from "@/api/refusal";
import { useT } from "@/lib/i18n";

const ASK_EVERY_MS = 3_000;

/** Says that the server does not answer, for as long as it does not; what is shown comes anew when it does. */
export function ServerGone() {
  const t = useT();
  const queries = useQueryClient();
  const [gone, setGone] = useState(!navigator.onLine);
  useEffect(() => {
    const offline = () => setGone(true);
    window.addEventListener("offline", offline);
    const unsubscribe = queries.getQueryCache().subscribe(({ query }) => {
      const { error, fetchFailureReason } = query.state;
      const last = error ?? fetchFailureReason;
      if (last && asRefusal(last).code === "unreachable") setGone(true);
    });
    return () => {
      window.removeEventListener("offline", offline);
      unsubscribe();
    };
  }, [queries]);
  useEffect(() => {
    if (!gone) return;
    const timer = setInterval(() => {
      void answers().then((there) => {
        if (!there) return;
        setGone(false);
        void queries.invalidateQueries();
      });
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [gone, queries]);
  return createPortal(
    <div role="status" className="fixed inset-x-0 bottom-0 z-50 flex justify-center px-4 empty:hidden">
      {gone && (
        <p className="mb-4 flex items-center gap-2.5 rounded-xl border border-line bg-surface px-4 py-3 text-sm shadow-float">
          <CloudOff size={17} className="shrink-0 text-warn" aria-hidden />
          <span>
            <strong className="font-semibold">{t("error.unreachable")}.</strong> {t("gone.text")}
          </span>
        </p>
      )}
    </div>,
    document.body, // above the dialogs
  );
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/api/me", { cache: "no-store" })).status < 500;
  } catch {
    return false;
  }
}
