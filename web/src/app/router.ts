import { useSyncExternalStore } from "react";

const MOVED = "deckcast:moved";

function watch(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  window.addEventListener(MOVED, changed);
  return () => {
    window.removeEventListener("popstate", changed);
    window.removeEventListener(MOVED, changed);
  };
}

export function usePath(): string {
  return useSyncExternalStore(watch, () => window.location.pathname);
}

/** Go to a path of the page; `replace` leaves no step back behind. */
export function go(path: string, { replace = false } = {}): void {
  if (path === window.location.pathname) return;
  if (replace) window.history.replaceState(null, "", path);
  else window.history.pushState(null, "", path);
  window.dispatchEvent(new Event(MOVED));
}

/** The named parts of a path where it fits a pattern such as `/presentations/:id/:tab`, else null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern, path].map((each) => each.split("/").filter(Boolean)) as [string[], string[]];
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":")) parts[segment.slice(1)] = decodeURIComponent(value);
    else if (segment !== value) return null;
  }
  return parts;
}
