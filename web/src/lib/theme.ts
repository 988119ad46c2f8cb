import { create } from "zustand";

export type Theme = "system" | "light" | "dark";
const STORED = "deckcast.theme";

function initial(): Theme {
  const set = document.documentElement.dataset.theme;
  return set === "light" || set === "dark" ? set : "system";
}

export const useTheme = create<{ theme: Theme }>(() => ({ theme: initial() }));

export function chooseTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, theme);
  } catch {
    // Storage is switched off: the choice holds until the page is left.
  }
  useTheme.setState({ theme });
}
