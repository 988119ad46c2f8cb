import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

const tones = {
  info: { box: "bg-accent-wash", mark: "text-accent", Icon: Info },
  warn: { box: "bg-warn-wash", mark: "text-warn", Icon: TriangleAlert },
  bad: { box: "bg-bad-wash", mark: "text-bad", Icon: CircleAlert },
};

interface Props {
  tone?: keyof typeof tones;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}

/** Something that a person should know here, with what can be done. */
export function Notice({ tone = "info", title, children, action }: Props) {
  const { box, mark, Icon } = tones[tone];
  return (
    <div role={tone === "bad" ? "alert" : undefined} className={cx("flex flex-wrap gap-3 rounded-xl p-4 text-sm", box)}>
      <Icon size={18} className={cx("mt-0.5 shrink-0", mark)} aria-hidden />
      <div className="min-w-0 flex-1 basis-36">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className={title ? "mt-0.5 text-soft" : ""}>{children}</div>}
      </div>
      {action}
    </div>
  );
}
