import { ChevronDown } from "lucide-react";
import type { BatchKind, BatchRequest, Presentation } from "@/api/types";
import { hasPresenter } from "@/features/batches/kinds";
import { useProvider } from "@/features/batches/components/presenter-options";
import { WordsFields, type WordsValue } from "@/features/choices/components/words-fields";
import { languageName } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  kind: BatchKind;
  request: BatchRequest;
  onChange: (part: BatchRequest) => void;
}

/** What is said in this batch, and how; folded away where the presenter is what matters. */
export function WordsOptions({ presentation, kind, request, onChange }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const provider = useProvider(presentation, request).name;
  const { choices } = presentation;
  const value: WordsValue = {
    language: request.language === "auto" ? null : (request.language ?? choices.language),
    voice: request.voiceId === "auto" ? null : (request.voiceId ?? choices.voice),
    approach: request.approach ?? choices.approach,
    style: request.style ?? choices.style,
  };
  const change = ({ language: tag, voice, approach, style }: WordsValue) =>
    onChange({
      ...(tag !== undefined && { language: tag ?? "auto" }),
      ...(voice !== undefined && { voiceId: voice ?? "auto" }),
      ...(approach !== undefined && { approach }),
      ...(style !== undefined && { style }),
    });
  const fields = (
    <WordsFields
      value={value}
      deckLanguage={presentation.language}
      provider={provider}
      withVoice={kind !== "all_narratives_generation"}
      onChange={change}
    />
  );
  if (!hasPresenter(kind)) return fields;
  const summary = [
    languageName(value.language ?? (presentation.language || "en"), language),
    t(`approach.${value.approach ?? "notes"}`),
    t(`style.${value.style ?? "business"}`),
  ];
  return (
    <details className="group rounded-xl border border-line">
      <summary className="flex min-h-12 list-none flex-wrap items-center gap-x-3 rounded-xl px-4 py-2 hover:bg-hover">
        <span className="text-sm font-semibold">{t("make.options")}</span>
        <span className="min-w-0 flex-1 truncate text-sm text-soft">{summary.join(" · ")}</span>
        <ChevronDown size={16} className="text-soft transition-transform group-open:rotate-180" aria-hidden />
      </summary>
      <div className="space-y-5 px-4 pt-2 pb-5">{fields}</div>
    </details>
  );
}
