import { useQuery } from "@tanstack/react-query";
import { toast } from "sonner";
import { asRefusal } from "@/api/refusal";
import type { Presentation, PresentationChanges } from "@/api/types";
import { Segments } from "@/components/ui/choice";
import { Notice } from "@/components/ui/notice";
import { providersQuery } from "@/features/choices/api/catalogue";
import { AvatarPicker } from "@/features/choices/components/avatar-picker";
import { BackgroundPicker } from "@/features/choices/components/background-picker";
import { LayoutChoices } from "@/features/choices/components/layout-choices";
import { PresenterStill } from "@/features/choices/components/presenter-still";
import { WordsChoices } from "@/features/choices/components/words-choices";
import { providerName } from "@/features/choices/names";
import { useChange } from "@/features/presentation/api/presentation";
import { tNow, useT } from "@/lib/i18n";

/** How the film is to be: what is said and by whom, who presents, and where they stand. */
export function ChoicesTab({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const save = useChange(presentation.id);
  const providers = useQuery(providersQuery).data?.items ?? [];
  const { choices } = presentation;
  const provider = choices.provider ?? providers.find((each) => each.isDefault)?.name ?? "local";
  const avatarId = choices.avatars?.[provider] ?? null;
  const lacking = providers.find((each) => each.name === provider && !each.configured);

  function change(part: PresentationChanges) {
    save.mutate(part, {
      onError: (error) => {
        const { message, nextStep } = asRefusal(error);
        toast.error(message || tNow("error.unreachable"), { description: nextStep });
      },
    });
  }
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,440px)]">
      <div className="order-2 space-y-6 lg:order-1">
        <Group title={t("choices.presenter")} text={t("choices.presenterText")}>
          {providers.length > 1 && (
            <Segments
              label={t("choice.provider")}
              value={provider}
              options={providers.map((each) => ({ value: each.name, label: providerName(each.name) }))}
              onChange={(name) => change({ provider: name })}
            />
          )}
          {lacking ? (
            <Notice tone="warn" title={lacking.whatIsMissing ?? t("provider.lacks")}>
              {t("provider.useLocal")}
            </Notice>
          ) : (
            <AvatarPicker provider={provider} value={avatarId} onChange={(avatar) => change({ avatar })} />
          )}
          <BackgroundPicker value={choices.background ?? null} onChange={(background) => change({ background })} />
        </Group>
        <Group title={t("choices.place")} text={t("choices.placeText")}>
          <LayoutChoices choices={choices} onChange={change} />
        </Group>
        <Group title={t("choices.words")} text={t("choices.wordsText")}>
          <WordsChoices presentation={presentation} provider={provider} saving={save.isPending} onChange={change} />
        </Group>
      </div>
      <div className="order-1 lg:sticky lg:top-6 lg:order-2">
        <PresenterStill presentation={presentation} provider={provider} avatarId={avatarId} />
        <p role="status" className="mt-2 min-h-5 text-xs text-soft">
          {save.isPending ? t("narrative.saving") : save.isSuccess ? t("choices.saved") : t("choices.staleHint")}
        </p>
      </div>
    </div>
  );
}

function Group({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
  return (
    <section className="card p-5 sm:p-6">
      <h2 className="font-semibold">{title}</h2>
      <p className="mt-0.5 mb-5 text-sm text-soft">{text}</p>
      <div className="space-y-6">{children}</div>
    </section>
  );
}
