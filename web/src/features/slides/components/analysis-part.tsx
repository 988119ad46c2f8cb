import type { Slide } from "@/api/types";
import { Part } from "@/features/slides/components/part";
import { knownKey, useT } from "@/lib/i18n";
import { Badge } from "@/components/ui/badge";

/** What the slide shows and means, and what its author noted. */
export function AnalysisPart({ slide }: { slide: Slide }) {
  const t = useT();
  const { analysis } = slide;
  const kind = analysis && (knownKey(`shows.${analysis.kind}`) ?? null);
  return (
    <>
      {analysis && (
        <Part
          title={t("part.analysis")}
          badge={<Badge>{kind ? t(kind) : analysis.kind.replaceAll("_", " ")}</Badge>}
        >
          {analysis.shows && <p className="text-sm">{analysis.shows}</p>}
          {analysis.keyPoints.length > 0 && (
            <ul className="mt-2 list-disc space-y-1 pl-5 text-sm text-soft">
              {analysis.keyPoints.map((point) => (
                <li key={point}>{point}</li>
              ))}
            </ul>
          )}
        </Part>
      )}
      <Part title={t("part.notes")}>
        <p className="text-sm whitespace-pre-line text-soft">{slide.notes || t("part.notes.none")}</p>
      </Part>
    </>
  );
}
