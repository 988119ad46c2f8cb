import { LogOut, Settings } from "lucide-react";
import type { ReactNode } from "react";
import type { Me } from "@/api/types";
import { usePath } from "@/app/router";
import { Preferences } from "@/app/preferences";
import { Wordmark } from "@/app/wordmark";
import { Button, buttonClass } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { useLeave } from "@/features/account/use-leave";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

/** What stands around every page. */
export function Shell({ me, children }: { me: Me; children: ReactNode }) {
  const t = useT();
  const path = usePath();
  const leave = useLeave();
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50"
      >
        {t("nav.skip")}
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex h-14 max-w-[1400px] items-center gap-1 px-4 sm:px-8">
          <Link to="/" className="mr-auto flex items-center gap-2.5 rounded-lg font-semibold" aria-label={t("nav.home")}>
            <Wordmark />
          </Link>
          <nav className="flex items-center gap-1" aria-label={t("nav.label")}>
            <Link
              to="/settings"
              aria-current={path === "/settings" ? "page" : undefined}
              className={cx(buttonClass("quiet", "small"), path === "/settings" && "bg-hover text-ink")}
            >
              <Settings size={16} aria-hidden />
              <span className="sr-only sm:not-sr-only">{t("nav.settings")}</span>
            </Link>
            <Preferences />
            {me.loginNeeded && (
              <Button kind="quiet" size="small" icon={<LogOut size={16} aria-hidden />} onClick={() => void leave()}>
                <span className="sr-only sm:not-sr-only">{t("nav.signOut", { name: me.name })}</span>
              </Button>
            )}
          </nav>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-[1400px] flex-1 px-4 py-7 outline-none sm:px-8 sm:py-10">
        {children}
      </main>
    </div>
  );
}
