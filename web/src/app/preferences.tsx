import { Menu } from "@base-ui/react/menu";
import { Check, Languages, Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { buttonClass } from "@/components/ui/button";
import { choose, LANGUAGES, useT, useWords, type Language } from "@/lib/i18n";
import { chooseTheme, useTheme, type Theme } from "@/lib/theme";

const themes = { system: Monitor, light: Sun, dark: Moon };

/** The theme and the language of the page. */
export function Preferences() {
  const t = useT();
  const theme = useTheme((state) => state.theme);
  const language = useWords((state) => state.language);
  const Shown = themes[theme];
  return (
    <>
      <Choose
        label={t("theme.label")}
        icon={<Shown size={16} aria-hidden />}
        value={theme}
        options={(Object.keys(themes) as Theme[]).map((each) => [each, t(`theme.${each}`)])}
        onChange={(value) => chooseTheme(value as Theme)}
      />
      <Choose
        label={t("language.label")}
        icon={<Languages size={16} aria-hidden />}
        value={language}
        options={Object.entries(LANGUAGES)}
        onChange={(value) => choose(value as Language)}
      />
    </>
  );
}

interface Props {
  label: string;
  icon: ReactNode;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

function Choose({ label, icon, value, options, onChange }: Props) {
  return (
    <Menu.Root>
      <Menu.Trigger className={buttonClass("quiet", "icon")} aria-label={label}>
        {icon}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6} className="z-50">
          <Menu.Popup className="min-w-40 rounded-xl border border-line bg-surface p-1 shadow-float outline-none">
            <Menu.RadioGroup value={value} onValueChange={onChange}>
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
