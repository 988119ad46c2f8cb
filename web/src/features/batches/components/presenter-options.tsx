import { useQuery } from "@tanstack/react-query";
import type { BatchRequest, Presentation } from "@/api/types";
import { Notice } from "@/components/ui/notice";
import { Segments } from "@/components/ui/choice";
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

/** Who presents in this batch, and on what ground; what is not said is as the presentation has it. */
export function PresenterOptions({ presentation, request, onChange }: Props) {
  const t = useT();
  const providers = useQuery(providersQuery).data?.items ?? [];
  const { choices } = presentation;
  const usual = choices.provider ?? providers.find((each) => each.isDefault)?.name ?? "local";
  const provider = request.provider ?? usual;
  const lacking = providers.find((each) => each.name === provider && !each.configured);
  return (
    <>
      {providers.length > 1 && (
        <Segments
          label={t("choice.provider")}
          value={provider}
          options={providers.map((each) => ({ value: each.name, label: providerName(each.name) }))}
          onChange={(name) => onChange({ provider: name === usual ? undefined : name, avatarId: undefined })}
        />
      )}
      {lacking ? (
        <Notice tone="warn" title={lacking.whatIsMissing ?? t("provider.lacks")}>
          {t("provider.useLocal")}
        </Notice>
      ) : (
        <>
          <AvatarPicker
            provider={provider}
            value={request.avatarId ?? choices.avatars?.[provider] ?? null}
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
