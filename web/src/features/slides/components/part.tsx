import { useId, type ReactNode } from "react";

interface Props {
  title: string;
  badge?: ReactNode;
  /** Stands at the end of the heading; what it has to say about itself goes below. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a slide: narrative, speech, avatar video. */
export function Part({ title, badge, action, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="card p-4 sm:p-5">
      <header className="mb-3 flex min-h-8 flex-wrap items-center gap-2">
        <h3 id={id} className="text-sm font-semibold">
          {title}
        </h3>
        {badge}
        {action}
      </header>
      {children}
    </section>
  );
}
