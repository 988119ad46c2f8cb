import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Presentation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Check, Segments } from "@/components/ui/choice";
import { Failure } from "@/components/ui/failure";
import { Notice } from "@/components/ui/notice";
import { providersQuery } from "@/features/choices/api/catalogue";
import { AvatarPicker } from "@/features/choices/components/avatar-picker";
import { BackgroundPicker } from "@/features/choices/components/background-picker";
import { LayoutChoices } from "@/features/choices/components/layout-choices";
import { PresenterStill } from "@/features/choices/components/presenter-still";
import { WordsChoices } from "@/features/choices/components/words-choices";
import { providerName } from "@/features/choices/names";
import { useChoices } from "@/features/choices/use-choices";
import { useT } from "@/lib/i18n";

/** How the film is to be: what is said and by whom, who presents, and where they stand. */
export function ChoicesTab({ presentation }: { presentation: Presentation }) {
  const t = useT();
  const providers = useQuery(providersQuery).data?.items ?? [];
  const usual = providers.find((each) => each.isDefault)?.name ?? "local";
  const { choices, provider, avatarId, saving, saved, error, change } = useChoices(
    presentation,
    (kept) => kept.provider ?? usual,
  );
  const lacking = providers.some((each) => each.name === provider && !each.configured);
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,480px)]">
      <div className="sticky top-0 z-10 -mx-4 bg-ground px-4 pt-2 pb-1 sm:-mx-8 sm:px-8 lg:static lg:top-6 lg:order-2 lg:mx-0 lg:p-0 lg:sticky">
        <div className="mx-auto max-w-xl lg:max-w-none">
          <PresenterStill
            presentation={presentation}
            choices={choices}
            provider={provider}
            avatarId={avatarId}
            saving={saving}
          />
          <p role="status" className="mt-1 min-h-5 text-xs text-soft max-lg:hidden">
            {saving ? t("narrative.saving") : saved ? t("choices.saved") : t("choices.staleHint")}
          </p>
        </div>
      </div>
      <div className="space-y-6 lg:order-1">
        {error && <Failure error={error} />}
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
            <Notice
              tone="warn"
              title={t("provider.notSetUp", { name: providerName(provider) })}
              action={
                <Button size="small" onClick={() => change({ provider: "local" })}>
                  {t("cap.local")}
                </Button>
              }
            >
              {t("provider.useLocal")}
            </Notice>
          ) : (
            <AvatarPicker provider={provider} value={avatarId} onChange={(avatar) => change({ avatar })} />
          )}
          <BackgroundPicker value={choices.background ?? null} onChange={(background) => change({ background })} />
        </Group>
        <Group title={t("choices.place")} text={t("choices.placeText")}>
          <LayoutChoices choices={choices} onChange={change} />
          <Check
            label={t("choice.aiMark")}
            hint={t("choice.aiMarkHint")}
            checked={choices.aiMark ?? false}
            onChange={(aiMark) => change({ aiMark })}
          />
        </Group>
        <Group title={t("choices.words")} text={t("choices.wordsText")}>
          <WordsChoices
            presentation={presentation}
            choices={choices}
            provider={provider}
            saving={saving}
            onChange={change}
          />
        </Group>
      </div>
    </div>
  );
}

function Group({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <section className="card p-5 sm:p-6">
      <h2 className="font-semibold">{title}</h2>
      <p className="mt-0.5 mb-5 text-sm text-soft">{text}</p>
      <div className="space-y-6">{children}</div>
    </section>
  );
}
