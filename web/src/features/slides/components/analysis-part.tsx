import { ScanText } from "lucide-react";
import type { Slide } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { MakeButton } from "@/features/slides/components/make-button";
import { None } from "@/features/slides/components/none";
import { Part } from "@/features/slides/components/part";
import { knownKey, useT } from "@/lib/i18n";

const WEIGHTIER = 1.15;
const LIGHTER = 0.85;

/** What the slide shows and means. */
export function AnalysisPart({ presentationId, slide }: { presentationId: string; slide: Slide }) {
  const t = useT();
  const { analysis } = slide;
  const kind = analysis && knownKey(`shows.${analysis.kind}`);
  const facts = analysis && [
    analysis.weight >= WEIGHTIER && t("analysis.weightier"),
    analysis.weight <= LIGHTER && t("analysis.lighter"),
    t(analysis.analyst.startsWith("built-in/") ? "analysis.byRules" : "analysis.by", { name: analysis.analyst }),
  ];
  return (
    <Part
      title={t("part.analysis")}
      badge={analysis && <Badge>{kind ? t(kind) : analysis.kind.replaceAll("_", " ")}</Badge>}
      action={
        <MakeButton
          presentationId={presentationId}
          slide={slide}
          kind="all_slides_analysis"
          anew={analysis !== null}
          label={t(analysis ? "make.again" : "make.analyse")}
        />
      }
    >
      {analysis === null && <None icon={<ScanText size={18} aria-hidden />}>{t("part.analysis.none")}</None>}
      {analysis && (
        <dl className="space-y-4 text-sm">
          {analysis.shows && (
            <div>
              <dt className="text-xs font-semibold text-soft">{t("analysis.shows")}</dt>
              <dd className="mt-1 leading-relaxed">{analysis.shows}</dd>
            </div>
          )}
          {analysis.keyPoints.length > 0 && (
            <div>
              <dt className="text-xs font-semibold text-soft">{t("analysis.points")}</dt>
              <dd>
                <ul className="mt-1.5 space-y-1.5">
                  {analysis.keyPoints.map((point, index) => (
                    <li key={index} className="flex gap-2.5 leading-snug">
                      <span aria-hidden className="mt-[7px] size-1.5 shrink-0 rounded-full bg-accent" />
                      {point}
                    </li>
                  ))}
                </ul>
              </dd>
            </div>
          )}
        </dl>
      )}
      {facts && <p className="mt-4 border-t border-line pt-3 text-xs text-soft">{facts.filter(Boolean).join(" · ")}</p>}
    </Part>
  );
}
