import type { ReactNode } from "react";

/** Where a part of a slide is not made yet: what it will be. */
export function None({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="flex items-center gap-3 rounded-lg border border-dashed border-line px-4 py-3 text-sm text-soft">
      <span className="shrink-0 opacity-70">{icon}</span>
      {children}
    </p>
  );
}
