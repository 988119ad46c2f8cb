import { useState } from "react";
import type { Choices, Presentation, PresentationChanges } from "@/api/types";
import { useChange } from "@/features/presentation/api/presentation";

/** A presentation's choices with those that are on their way put in, so that what is pressed shows at once. */
export function useChoices(presentation: Presentation, provider: (choices: Choices) => string) {
  const save = useChange(presentation.id);
  const [sent, setSent] = useState<PresentationChanges>({});
  const { avatar, ...parts } = sent;
  const kept = { ...presentation.choices, ...(parts as Partial<Choices>) };
  const name = provider(kept);
  const avatarId = avatar === undefined ? (kept.avatars?.[name] ?? null) : avatar;
  return {
    choices: kept,
    provider: name,
    avatarId,
    saving: save.isPending,
    saved: save.isSuccess,
    error: save.error,
    change: (part: PresentationChanges) => {
      setSent((now) => ({ ...now, ...part }));
      save.mutate(part, { onSettled: () => setSent({}) });
    },
  };
}
