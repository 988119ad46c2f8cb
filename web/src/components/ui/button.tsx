import { LoaderCircle } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { cx } from "@/lib/cx";

const kinds = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong font-semibold",
  plain: "border border-edge/60 bg-surface text-ink hover:bg-hover",
  quiet: "text-soft hover:text-ink hover:bg-hover",
  danger: "border border-bad/50 text-bad hover:bg-bad-wash",
};

const sizes = { small: "min-h-8 px-2.5 text-[13px] gap-1.5", normal: "min-h-10 px-4 text-sm gap-2", icon: "size-9" };

export function buttonClass(kind: keyof typeof kinds = "plain", size: keyof typeof sizes = "normal"): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center rounded-[9px] whitespace-nowrap transition-colors select-none",
    "disabled:opacity-50 aria-disabled:opacity-50 aria-disabled:cursor-not-allowed",
    kinds[kind],
    sizes[size],
  );
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: keyof typeof kinds;
  size?: keyof typeof sizes;
  icon?: ReactNode;
  busy?: boolean;
}

export function Button({ kind, size, icon, busy = false, children, className, ...rest }: Props) {
  return (
    <button type="button" className={cx(buttonClass(kind, size), className)} aria-busy={busy || undefined} {...rest}>
      {busy ? <LoaderCircle size={16} className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}
