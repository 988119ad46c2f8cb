import { useQuery } from "@tanstack/react-query";
import type { BatchRequest, Presentation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Segments } from "@/components/ui/choice";
import { Notice } from "@/components/ui/notice";
import { providersQuery } from "@/features/choices/api/catalogue";
import { AvatarPicker } from "@/features/choices/components/avatar-picker";
import { BackgroundPicker } from "@/features/choices/components/background-picker";
import { providerName } from "@/features/choices/names";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  request: BatchRequest;
  onChange: (part: BatchRequest) => void;
}

/** The provider that a batch would go to: as asked, as chosen, or the server's own. */
export function useProvider(presentation: Presentation, request: BatchRequest) {
  const providers = useQuery(providersQuery).data?.items ?? [];
  const usual = presentation.choices.provider ?? providers.find((each) => each.isDefault)?.name ?? "local";
  const name = request.provider ?? usual;
  return { providers, usual, name, state: providers.find((each) => each.name === name) ?? null };
}

/** Who presents in this batch, and on what ground; what is not said is as the presentation has it. */
export function PresenterOptions({ presentation, request, onChange }: Props) {
  const t = useT();
  const { providers, usual, name, state } = useProvider(presentation, request);
  const { choices } = presentation;
  const take = (provider: string) =>
    onChange({ provider: provider === usual ? undefined : provider, avatarId: undefined, voiceId: undefined });
  return (
    <>
      {providers.length > 1 && (
        <Segments
          label={t("choice.provider")}
          value={name}
          options={providers.map((each) => ({ value: each.name, label: providerName(each.name) }))}
          onChange={take}
        />
      )}
      {state?.configured === false ? (
        <Notice
          tone="warn"
          title={t("provider.notSetUp", { name: providerName(name) })}
          action={
            <Button size="small" onClick={() => take("local")}>
              {t("cap.local")}
            </Button>
          }
        >
          {t("provider.useLocal")}
        </Notice>
      ) : (
        <>
          {state?.account?.paused && <Notice tone="warn" title={t("provider.paused", { name: providerName(name) })} />}
          <AvatarPicker
            compact
            provider={name}
            value={request.avatarId ?? choices.avatars?.[name] ?? null}
            onChange={(avatarId) => onChange({ avatarId: avatarId ?? undefined })}
          />
          <BackgroundPicker
            value={request.backgroundColor ?? choices.background ?? null}
            onChange={(backgroundColor) => onChange({ backgroundColor: backgroundColor ?? undefined })}
          />
        </>
      )}
    </>
  );
}
