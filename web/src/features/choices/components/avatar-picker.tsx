import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useId } from "react";
import type { Avatar } from "@/api/types";
import { Failure } from "@/components/ui/failure";
import { avatarsQuery } from "@/features/choices/api/catalogue";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

interface Props {
  provider: string;
  value: string | null;
  /** Fewer rows at once, where there is more to choose below. */
  compact?: boolean;
  onChange: (avatarId: string | null) => void;
}

/** Who presents, by picture; or left to the style of the narrative. */
export function AvatarPicker({ provider, value, compact = false, onChange }: Props) {
  const t = useT();
  const name = useId();
  const avatars = useQuery(avatarsQuery(provider));
  const choices: (Avatar | null)[] = [null, ...(avatars.data?.items ?? [])];
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-sm font-semibold">{t("choice.avatar")}</legend>
      {avatars.isError && <Failure error={avatars.error} retry={() => void avatars.refetch()} />}
      <div
        className={cx(
          "grid gap-3 overflow-y-auto overscroll-contain p-0.5",
          compact ? "max-h-56 grid-cols-[repeat(auto-fill,minmax(84px,1fr))]" : "max-h-96 grid-cols-[repeat(auto-fill,minmax(96px,1fr))]",
        )}
      >
        {avatars.isPending && [1, 2, 3, 4].map((each) => <div key={each} className="skeleton aspect-[4/5]" />)}
        {!avatars.isPending &&
          choices.map((avatar) => (
            <label
              key={avatar?.id ?? "auto"}
              title={avatar?.description}
              className={cx(
                "relative cursor-pointer overflow-hidden rounded-xl border transition-colors",
                "has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent",
                (avatar?.id ?? null) === value ? "border-accent ring-1 ring-accent" : "border-line hover:border-edge",
              )}
            >
              <input
                type="radio"
                className="sr-only"
                name={name}
                checked={(avatar?.id ?? null) === value}
                onChange={() => onChange(avatar?.id ?? null)}
              />
              <span className="grid aspect-square place-items-center overflow-hidden bg-sunk text-soft">
                {avatar?.previewUrl ? (
                  <img src={avatar.previewUrl} alt="" loading="lazy" className="size-full object-cover object-top" />
                ) : avatar ? (
                  <span className="text-2xl font-semibold tracking-tight">{firstLetter(avatar.name)}</span>
                ) : (
                  <Sparkles size={24} aria-hidden />
                )}
              </span>
              <span className="line-clamp-2 px-2 py-2 text-center text-[13px] leading-snug">{avatar?.name ?? t("choice.auto")}</span>
            </label>
          ))}
      </div>
    </fieldset>
  );
}

function firstLetter(name: string): string {
  return name.trim().charAt(0).toUpperCase();
}
