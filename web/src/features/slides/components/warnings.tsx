import { TriangleAlert } from "lucide-react";
import { inWords, type Warning } from "@/features/slides/warnings";
import { useT } from "@/lib/i18n";

/** What may not come out as one expects, each with what can be done about it. */
export function Warnings({ warnings, label }: { warnings: Warning[]; label: string }) {
  const t = useT();
  if (warnings.length === 0) return null;
  return (
    <ul aria-label={label} className="space-y-3 rounded-xl bg-warn-wash p-4 text-sm">
      {warnings.map((warning) => {
        const { title, detail, next } = inWords(warning, t);
        return (
          <li key={warning.code} className="flex gap-3">
            <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
            <div className="min-w-0">
              <p className="font-semibold">{title}</p>
              {detail && <p className="text-soft">{detail}</p>}
              {next && <p className="text-soft">{next}</p>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
