import { useEffect, useState } from "react";

const SETTLE_MS = 200;

interface Shown {
  of: string;
  url: string;
  wanted: string;
}

export interface Picture {
  url: string | null;
  state: "loading" | "shown" | "failed";
  again: () => void;
}

/** A picture that is drawn on demand: the one before stands until the next is there; of another thing, none does. */
export function usePicture(wanted: string | null, of: string): Picture {
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (wanted === null) return;
    const asked = new AbortController();
    setFailed(null);
    const timer = setTimeout(() => {
      load(wanted, asked.signal).then(
        (url) => setShown({ of, url, wanted }),
        () => asked.signal.aborted || setFailed(wanted),
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [wanted, of, tries]);
  const url = shown?.url;
  useEffect(() => (url === undefined ? undefined : () => URL.revokeObjectURL(url)), [url]);
  return {
    url: shown?.of === of ? shown.url : null,
    state: failed !== null && failed === wanted ? "failed" : shown?.wanted === wanted ? "shown" : "loading",
    again: () => setTries(tries + 1),
  };
}

async function load(url: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(String(answer.status));
  return URL.createObjectURL(await answer.blob());
}
