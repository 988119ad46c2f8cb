import { cx } from "@/lib/cx";

interface Props {
  label: string;
  share: number | null;
  tone?: "accent" | "good" | "warn" | "bad";
  thin?: boolean;
}

const tones = { accent: "bg-accent", good: "bg-good", warn: "bg-warn", bad: "bg-bad" };

/** How much is done, from 0 to 1; null where nobody can know. */
export function Progress({ label, share, tone = "accent", thin = false }: Props) {
  const percent = share === null ? null : Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
      className={cx("overflow-hidden rounded-full bg-line", thin ? "h-1.5" : "h-2.5")}
    >
      {percent === null ? (
        <div className={cx("unknown-share h-full rounded-full", tones[tone])} />
      ) : (
        <div
          className={cx("h-full origin-left rounded-full transition-transform duration-700 ease-out", tones[tone])}
          style={{ transform: `scaleX(${percent / 100})` }}
        />
      )}
    </div>
  );
}
