import { Ban, CircleAlert, CircleCheck, CircleDashed, CircleHelp, Clock, LoaderCircle } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { knownKey, useT } from "@/lib/i18n";

const SIZE = 12;
const turning = <LoaderCircle size={SIZE} className="animate-spin" aria-hidden />;
const shown: Record<string, { tone: Tone; icon: React.ReactNode }> = {
  pending: { tone: "neutral", icon: <CircleDashed size={SIZE} aria-hidden /> },
  submitting: { tone: "accent", icon: turning },
  processing: { tone: "accent", icon: turning },
  publishing: { tone: "accent", icon: turning },
  completed: { tone: "good", icon: <CircleCheck size={SIZE} aria-hidden /> },
  skipped: { tone: "good", icon: <CircleCheck size={SIZE} aria-hidden /> },
  failed: { tone: "bad", icon: <CircleAlert size={SIZE} aria-hidden /> },
  timed_out: { tone: "warn", icon: <Clock size={SIZE} aria-hidden /> },
  unresolved: { tone: "warn", icon: <CircleHelp size={SIZE} aria-hidden /> },
  cancelled: { tone: "neutral", icon: <Ban size={SIZE} aria-hidden /> },
};

/** A slide's status, as text and as a sign. */
export function StatusBadge({ status, reused }: { status: string; reused: boolean }) {
  const t = useT();
  const key = knownKey(reused && status === "completed" ? "status.reused" : `status.${status}`);
  return <Badge {...(shown[status] ?? { tone: "neutral" })}>{key ? t(key) : status}</Badge>;
}
