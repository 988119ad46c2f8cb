/** Keeps one presentation's status live: the socket, coming back with the last seq, polling where there is none. */
import { Refusal } from "@/api/refusal";
import type { LiveEvent, LiveMessage, Snapshot } from "@/api/types";
import { setLine, statusOf, take, takeSnapshot } from "@/features/live/store";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const TRIES_BEFORE_POLLING = 3;
const POLL_MS = 3_000;
const ACCESS_ENDED = 4401;
const TOO_MANY = 4429;

export interface Told {
  /** What happened; null where everything may have changed. */
  changed: (events: LiveEvent[] | null) => void;
  /** The presentation is not there any more, or access has ended. */
  gone: (refusal: Refusal) => void;
}

/** Begin; returns what ends it. */
export function connect(id: string, told: Told): () => void {
  let socket: WebSocket | null = null;
  let tries = 0;
  let closed = false;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let polling: ReturnType<typeof setTimeout> | undefined;
  let tag: string | null = null;

  function open(): void {
    if (closed) return;
    const known = statusOf(id);
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const since = known === null ? "" : `?since=${known.seq}`;
    const opened = new WebSocket(`${scheme}://${window.location.host}/api/presentations/${id}/events${since}`);
    socket = opened;
    opened.onopen = () => {
      tries = 0;
      clearTimeout(polling);
      polling = undefined;
      setLine(id, "live");
    };
    opened.onmessage = (event: MessageEvent<string>) => receive(JSON.parse(event.data) as LiveMessage);
    opened.onclose = (event) => {
      if (socket === opened) lost(event.code);
    };
  }

  function receive(message: LiveMessage): void {
    const happened = take(id, message);
    if (happened === "gap") void ask();
    else if (happened === null || happened.length > 0) told.changed(happened);
  }

  function lost(code: number): void {
    socket = null;
    if (closed) return;
    tries += 1;
    if (code === ACCESS_ENDED) void ask();
    if (tries >= TRIES_BEFORE_POLLING || code === TOO_MANY) startPolling();
    else if (polling === undefined) setLine(id, "reconnecting");
    const most = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
    waiting = setTimeout(open, code === TOO_MANY ? LONGEST_WAIT_MS : most * (0.5 + Math.random() / 2));
  }

  function startPolling(): void {
    if (polling !== undefined || closed) return;
    setLine(id, "polling");
    polling = setTimeout(poll, 0);
  }

  function poll(): void {
    void ask().finally(() => {
      if (!closed && polling !== undefined) polling = setTimeout(poll, POLL_MS);
    });
  }

  async function ask(): Promise<void> {
    try {
      const headers: HeadersInit = tag === null ? {} : { "If-None-Match": tag };
      const answer = await fetch(`/api/presentations/${id}/status`, { headers, cache: "no-store" });
      if (closed) return;
      setPolled(answer.status < 500 ? "polling" : "gone");
      if (answer.status === 304) return;
      if (answer.status === 404 || answer.status === 401) {
        told.gone(new Refusal((await answer.json()) as object, answer.status));
        close();
        return;
      }
      if (!answer.ok) return;
      tag = answer.headers.get("ETag");
      const before = statusOf(id)?.seq;
      const snapshot = (await answer.json()) as Snapshot;
      takeSnapshot(id, snapshot);
      if (before !== snapshot.seq) told.changed(null);
    } catch {
      setPolled("gone"); // the next poll asks again
    }
  }

  /** What polling found; where the socket is there meanwhile, it says more. */
  function setPolled(line: "polling" | "gone"): void {
    if (!closed && polling !== undefined) setLine(id, line);
  }

  function close(): void {
    closed = true;
    clearTimeout(waiting);
    clearTimeout(polling);
    socket?.close();
    socket = null;
  }

  function comeBack(): void {
    if (socket !== null || closed) return;
    clearTimeout(waiting);
    open();
  }

  setLine(id, "connecting");
  open();
  window.addEventListener("online", comeBack);
  return () => {
    window.removeEventListener("online", comeBack);
    close();
  };
}
