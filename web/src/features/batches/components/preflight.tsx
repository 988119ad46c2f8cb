import { TriangleAlert } from "lucide-react";
import type { Estimate, Presentation } from "@/api/types";
import { Link } from "@/components/ui/link";
import { inWords } from "@/features/slides/warnings";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  warnings: Estimate["warnings"];
}

/** What is worth knowing about the slides of a batch before anything is paid for. */
export function Preflight({ presentation, warnings }: Props) {
  const t = useT();
  const warned = presentation.slides.flatMap((slide) => {
    const own = warnings.filter((each) => each.slideId === slide.id);
    return own.length > 0 ? [{ slide, own }] : [];
  });
  if (warned.length === 0) return null;
  return (
    <details className="rounded-xl bg-warn-wash px-4 py-3 text-sm">
      <summary className="flex list-none items-center gap-2.5 rounded font-semibold">
        <TriangleAlert size={16} className="shrink-0 text-warn" aria-hidden />
        <span className="flex-1">{t("warnings.title", { count: warned.length })}</span>
        <span className="font-normal text-soft underline underline-offset-2">{t("warnings.show")}</span>
      </summary>
      <ul className="mt-2 space-y-1.5 pl-[26px] text-soft">
        {warned.map(({ slide, own }) => (
          <li key={slide.id}>
            <Link
              to={`/presentations/${presentation.id}/slides/${slide.id}`}
              className="underline decoration-edge underline-offset-2 hover:text-ink"
            >
              {t("warnings.slide", {
                number: slide.position,
                text: own.map((warning) => inWords(warning, t).title).join(" · "),
              })}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}
