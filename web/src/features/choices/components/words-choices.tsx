import { useQuery } from "@tanstack/react-query";
import type { Presentation, PresentationChanges } from "@/api/types";
import { Segments, Select, type Option } from "@/components/ui/choice";
import { voicesQuery } from "@/features/choices/api/catalogue";
import { languageName } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const APPROACHES = ["notes", "polish", "anew"] as const;
const STYLES = ["business", "lively", "wry", "teaching"] as const;
const LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs", "tr", "ja", "zh", "ko", "hi", "ar"];

interface Props {
  presentation: Presentation;
  provider: string;
  onChange: (part: PresentationChanges) => void;
}

/** In which language and style it is said, and with which voice. */
export function WordsChoices({ presentation, provider, onChange }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const { choices } = presentation;
  const spoken = choices.language ?? presentation.language;
  const voices = useQuery(voicesQuery(provider === "local" ? null : provider, spoken || null));
  const known = [...new Set([...LANGUAGES, spoken].filter(Boolean))];
  const named = known
    .map((tag) => ({ value: tag, label: languageName(tag, language) }))
    .sort((a, b) => a.label.localeCompare(b.label, language));
  const voiceOptions: Option[] = (voices.data?.items ?? []).map((voice) => ({
    value: voice.id,
    label: voice.qualityLimited ? t("voice.limited", { name: voice.name }) : voice.name,
    group: voice.by,
  }));
  if (choices.voice && !voiceOptions.some((each) => each.value === choices.voice)) {
    voiceOptions.unshift({ value: choices.voice, label: choices.voice });
  }
  return (
    <>
      <div className="grid gap-5 sm:grid-cols-2">
        <Select
          label={t("choice.language")}
          value={choices.language ?? ""}
          options={[{ value: "", label: t("language.deck", { name: languageName(presentation.language || "en", language) }) }, ...named]}
          onChange={(value) => onChange({ language: value || null })}
        />
        <Select
          label={t("choice.voice")}
          value={choices.voice ?? ""}
          disabled={voices.isPending}
          options={[{ value: "", label: t("voice.auto") }, ...voiceOptions]}
          hint={t("voice.hint")}
          onChange={(value) => onChange({ voice: value || null })}
        />
      </div>
      <Segments
        label={t("choice.approach")}
        value={choices.approach ?? "notes"}
        options={APPROACHES.map((value) => ({ value, label: t(`approach.${value}`) }))}
        onChange={(value) => onChange({ approach: value as (typeof APPROACHES)[number] })}
      />
      <Segments
        label={t("choice.style")}
        value={choices.style ?? "business"}
        options={STYLES.map((value) => ({ value, label: t(`style.${value}`) }))}
        onChange={(value) => onChange({ style: value as (typeof STYLES)[number] })}
      />
    </>
  );
}
