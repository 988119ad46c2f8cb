import { create } from "zustand";
import type { LiveEvent, LiveMessage, Snapshot } from "@/api/types";
import { fromSnapshot, withChange, withProgress, type LiveStatus } from "@/features/live/merge";

export type Line = "connecting" | "live" | "reconnecting" | "polling" | "gone";

interface Live {
  of: Record<string, LiveStatus>;
  line: Record<string, Line>;
}

/** The live status of presentations, as the server last told it, and how it is told. */
export const useLive = create<Live>(() => ({ of: {}, line: {} }));

export function statusOf(id: string): LiveStatus | null {
  return useLive.getState().of[id] ?? null;
}

export function setLine(id: string, line: Line): void {
  if (useLive.getState().line[id] === line) return;
  useLive.setState((live) => ({ line: { ...live.line, [id]: line } }));
}

function keep(id: string, status: LiveStatus | null): void {
  if (status === null || status === statusOf(id)) return;
  useLive.setState((live) => ({ of: { ...live.of, [id]: status } }));
}

export function takeSnapshot(id: string, snapshot: Snapshot): void {
  keep(id, fromSnapshot(statusOf(id), snapshot));
}

/** Put a message in. Says what happened (null: everything may have changed), or that something was missed. */
export function take(id: string, message: LiveMessage): LiveEvent[] | null | "gap" {
  const known = statusOf(id);
  switch (message.type) {
    case "snapshot":
      takeSnapshot(id, message);
      return known !== null && message.seq === known.seq ? [] : null;
    case "progress":
      keep(id, withProgress(known, message));
      return [];
    case "change": {
      const next = withChange(known, message);
      if (next === "gap") return "gap";
      const events = next === known ? [] : message.events.filter((event) => event.seq > (known?.seq ?? 0));
      keep(id, next);
      return message.whole && next !== known ? null : events;
    }
    default:
      return []; // a message of a newer server
  }
}
