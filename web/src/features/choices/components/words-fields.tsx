import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Choices } from "@/api/types";
import { Segments, Select, type Option } from "@/components/ui/choice";
import { voicesQuery } from "@/features/choices/api/catalogue";
import { languageName } from "@/lib/format";
import { useT, useWords } from "@/lib/i18n";

const APPROACHES = ["notes", "polish", "anew"] as const;
const STYLES = ["business", "lively", "wry", "teaching"] as const;
const LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs", "tr", "ja", "zh", "ko", "hi", "ar"];

export type WordsValue = Partial<Pick<Choices, "language" | "voice" | "approach" | "style">>;

interface Props {
  value: WordsValue;
  deckLanguage: string;
  provider: string;
  /** Where nothing is to be spoken, no voice can be chosen. */
  withVoice?: boolean;
  onChange: (part: WordsValue) => void;
  children?: ReactNode;
}

/** In which language and manner it is said, and with which voice; null leaves a choice to Deckcast. */
export function WordsFields({ value, deckLanguage, provider, withVoice = true, onChange, children }: Props) {
  const t = useT();
  const language = useWords((words) => words.language);
  const known = [...new Set([...LANGUAGES, value.language ?? "", deckLanguage].filter(Boolean))];
  const named = known
    .map((tag) => ({ value: tag, label: languageName(tag, language) }))
    .sort((a, b) => a.label.localeCompare(b.label, language));
  const asDeck = { value: "", label: t("language.deck", { name: languageName(deckLanguage || "en", language) }) };
  return (
    <>
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <Select
          label={t("choice.language")}
          value={value.language ?? ""}
          options={[asDeck, ...named]}
          onChange={(tag) => onChange({ language: tag || null })}
        />
        {withVoice && (
          <div className="min-w-0">
            <VoiceSelect
              provider={provider}
              language={(value.language ?? deckLanguage) || null}
              value={value.voice ?? null}
              onChange={(voice) => onChange({ voice })}
            />
            {children}
          </div>
        )}
      </div>
      <Segments
        label={t("choice.approach")}
        value={value.approach ?? "notes"}
        options={APPROACHES.map((each) => ({ value: each, label: t(`approach.${each}`) }))}
        onChange={(approach) => onChange({ approach: approach as WordsValue["approach"] })}
      />
      <Segments
        label={t("choice.style")}
        value={value.style ?? "business"}
        options={STYLES.map((each) => ({ value: each, label: t(`style.${each}`) }))}
        onChange={(style) => onChange({ style: style as WordsValue["style"] })}
      />
    </>
  );
}

interface VoiceProps {
  provider: string;
  language: string | null;
  value: string | null;
  onChange: (voice: string | null) => void;
}

function VoiceSelect({ provider, language, value, onChange }: VoiceProps) {
  const t = useT();
  const voices = useQuery(voicesQuery(provider === "local" ? null : provider, language));
  const options: Option[] = (voices.data?.items ?? []).map((voice) => ({
    value: voice.id,
    label: voice.qualityLimited ? t("voice.limited", { name: voice.name }) : voice.name,
    group: voice.by,
  }));
  if (value && !options.some((each) => each.value === value)) options.unshift({ value, label: value });
  const chosen = voices.data?.items.find((each) => each.id === value);
  return (
    <Select
      label={t("choice.voice")}
      value={value ?? ""}
      disabled={voices.isPending}
      options={[{ value: "", label: t("voice.auto") }, ...options]}
      hint={voices.isError ? t("voice.unknown") : chosen?.note || t("voice.hint")}
      onChange={(voice) => onChange(voice || null)}
    />
  );
}
