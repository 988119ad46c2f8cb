import type { ReactNode } from "react";

interface Props {
  title: string;
  badge?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a slide: narrative, speech, avatar video. */
export function Part({ title, badge, action, children }: Props) {
  return (
    <section className="card p-4 sm:p-5">
      <header className="mb-3 flex min-h-8 flex-wrap items-center gap-2">
        <h3 className="text-sm font-semibold">{title}</h3>
        {badge}
        {action && <span className="ml-auto">{action}</span>}
      </header>
      {children}
    </section>
  );
}
