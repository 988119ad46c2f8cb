import { Languages, Monitor, Moon, Sun, type LucideIcon } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { useT } from "@/lib/i18n";
import { useTheme, type Theme } from "@/lib/theme";

const loadMenu = () => import("@/app/preference-menu").then((menu) => ({ default: menu.PreferenceMenu }));
const PreferenceMenu = lazy(loadMenu);

export type Preference = "theme" | "language";
const signs: Record<Theme, LucideIcon> = { system: Monitor, light: Sun, dark: Moon };

/** The theme and the language of the page; their menus are fetched when they are asked for. */
export function Preferences() {
  return (
    <>
      <Choose preference="theme" />
      <Choose preference="language" />
    </>
  );
}

function Choose({ preference }: { preference: Preference }) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  const theme = useTheme((state) => state.theme);
  const Sign = preference === "theme" ? signs[theme] : Languages;
  const icon = <Sign size={16} aria-hidden />;
  const label = t(preference === "theme" ? "theme.label" : "language.label");
  const button = (
    <Button
      kind="quiet"
      size="icon"
      aria-label={label}
      aria-haspopup="menu"
      aria-expanded={false}
      icon={icon}
      onPointerEnter={() => void loadMenu()}
      onClick={() => setAsked(true)}
      onKeyDown={(event) => event.key === "ArrowDown" && setAsked(true)}
    />
  );
  if (!asked) return button;
  return (
    <Suspense fallback={button}>
      <PreferenceMenu preference={preference} label={label} icon={icon} />
    </Suspense>
  );
}
