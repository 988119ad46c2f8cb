import type { Presentation, PresentationChanges } from "@/api/types";
import { HearVoice } from "@/features/choices/components/hear-voice";
import { WordsFields } from "@/features/choices/components/words-fields";

interface Props {
  presentation: Presentation;
  provider: string;
  saving: boolean;
  onChange: (part: PresentationChanges) => void;
}

/** In which language and style the presentation is said, and with which voice. */
export function WordsChoices({ presentation, provider, saving, onChange }: Props) {
  return (
    <WordsFields
      value={presentation.choices}
      deckLanguage={presentation.language}
      provider={provider}
      onChange={onChange}
    >
      <HearVoice presentation={presentation} saving={saving} />
    </WordsFields>
  );
}
