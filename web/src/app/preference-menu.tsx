import { Menu } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import type { Preference } from "@/app/preferences";
import { buttonClass } from "@/components/ui/button";
import { choose, LANGUAGES, useT, useWords, type Language } from "@/lib/i18n";
import { chooseTheme, useTheme, type Theme } from "@/lib/theme";

const THEMES: Theme[] = ["system", "light", "dark"];

interface Props {
  preference: Preference;
  label: string;
  icon: ReactNode;
}

/** The ways that a preference can be; it was asked for, so it opens at once. */
export function PreferenceMenu({ preference, label, icon }: Props) {
  const t = useT();
  const theme = useTheme((state) => state.theme);
  const language = useWords((state) => state.language);
  const options: [string, string][] =
    preference === "theme" ? THEMES.map((each) => [each, t(`theme.${each}`)]) : Object.entries(LANGUAGES);
  const take = (value: string) => (preference === "theme" ? chooseTheme(value as Theme) : choose(value as Language));
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger className={buttonClass("quiet", "icon")} aria-label={label}>
        {icon}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6} className="z-50">
          <Menu.Popup className="min-w-40 rounded-xl border border-line bg-surface p-1 shadow-float outline-none">
            <Menu.RadioGroup value={preference === "theme" ? theme : language} onValueChange={take}>
              {options.map(([each, name]) => (
                <Menu.RadioItem
                  key={each}
                  value={each}
                  closeOnClick
                  className="flex min-h-9 cursor-pointer items-center gap-2 rounded-lg px-3 text-sm outline-none data-[highlighted]:bg-hover"
                >
                  <span className="flex-1">{name}</span>
                  <Menu.RadioItemIndicator>
                    <Check size={14} className="text-accent" aria-hidden />
                  </Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
