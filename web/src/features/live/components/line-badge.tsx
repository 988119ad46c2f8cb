import { Radio, RefreshCw, Timer, Unplug } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { useLive } from "@/features/live/store";
import { useT } from "@/lib/i18n";

/** How this page is told of changes: live, coming back, or by asking every few seconds. */
export function LineBadge({ id }: { id: string }) {
  const t = useT();
  const line = useLive((live) => live.line[id] ?? "connecting");
  const shown = {
    connecting: { tone: "neutral", icon: <RefreshCw size={12} aria-hidden /> },
    live: { tone: "good", icon: <Radio size={12} aria-hidden /> },
    reconnecting: { tone: "warn", icon: <RefreshCw size={12} className="animate-spin" aria-hidden /> },
    polling: { tone: "warn", icon: <Timer size={12} aria-hidden /> },
    gone: { tone: "bad", icon: <Unplug size={12} aria-hidden /> },
  } as const;
  return (
    <span role="status" title={t(`line.${line}.hint`)}>
      <Badge {...shown[line]}>{t(`line.${line}`)}</Badge>
    </span>
  );
}
