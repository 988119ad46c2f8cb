import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { LiveEvent } from "@/api/types";
import { connect } from "@/features/live/connection";

const SETTLE_MS = 1_200; // a slide that changes often is asked for anew once, not every time

/** Keep a presentation's status live while this is shown, and have asked anew what the changes touch. */
export function useLiveStatus(id: string): void {
  const client = useQueryClient();
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const end = connect(id, {
      changed: (events) => {
        if (touchesMore(events)) {
          askAnew(client, id);
          return;
        }
        soon ??= setTimeout(() => {
          soon = undefined;
          askAnew(client, id);
        }, SETTLE_MS);
      },
      gone: () => askAnew(client, id),
    });
    return () => {
      clearTimeout(soon);
      end();
    };
  }, [client, id]);
}

function touchesMore(events: LiveEvent[] | null): boolean {
  return events === null || events.some((event) => event.kind !== "slide.changed");
}

function askAnew(client: QueryClient, id: string): void {
  void client.invalidateQueries({ queryKey: ["presentation", id] });
}
