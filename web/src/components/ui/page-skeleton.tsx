import { useT } from "@/lib/i18n";

export function PageSkeleton() {
  const t = useT();
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-10 sm:px-8" role="status" aria-label={t("state.loading")}>
      <div className="skeleton h-9 w-64" />
      <div className="skeleton mt-3 h-5 w-40" />
      <div className="mt-10 grid gap-6 sm:grid-cols-2 lg:grid-cols-3">
        {[1, 2, 3].map((each) => (
          <div key={each} className="skeleton aspect-[4/3]" />
        ))}
      </div>
    </div>
  );
}
