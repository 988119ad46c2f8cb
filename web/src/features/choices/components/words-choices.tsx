import type { Choices, Presentation, PresentationChanges } from "@/api/types";
import { HearVoice } from "@/features/choices/components/hear-voice";
import { WordsFields } from "@/features/choices/components/words-fields";

interface Props {
  presentation: Presentation;
  choices: Choices;
  provider: string;
  saving: boolean;
  onChange: (part: PresentationChanges) => void;
}

/** In which language and style the presentation is said, and with which voice. */
export function WordsChoices({ presentation, choices, provider, saving, onChange }: Props) {
  return (
    <WordsFields
      value={choices}
      deckLanguage={presentation.language}
      provider={provider}
      onChange={onChange}
    >
      <HearVoice presentation={presentation} saving={saving} />
    </WordsFields>
  );
}
