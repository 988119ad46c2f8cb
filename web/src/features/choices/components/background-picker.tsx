import { useId } from "react";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

const COLOURS = ["#FFFFFF", "#F3EFE8", "#E6ECF5", "#1F3A5F", "#14313A", "#1B1D1F"];
const HEX = /^#[0-9a-f]{6}$/i;

interface Props {
  value: string | null;
  onChange: (value: string | null) => void;
}

/** On what ground the presenter stands: as usual, without any, or a colour. */
export function BackgroundPicker({ value, onChange }: Props) {
  const t = useT();
  const id = useId();
  const own = value !== null && HEX.test(value) && !COLOURS.includes(value.toUpperCase());
  const ways = [
    { value: null, label: t("choice.auto") },
    { value: "transparent", label: t("background.none") },
  ];
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-sm font-semibold">{t("choice.background")}</legend>
      <div className="flex flex-wrap items-center gap-2">
        {ways.map((way) => (
          <Radio key={way.label} name={id} on={value === way.value} onChange={() => onChange(way.value)}>
            <span className="px-3 text-sm">{way.label}</span>
          </Radio>
        ))}
        {COLOURS.map((colour) => (
          <Radio key={colour} name={id} on={value?.toUpperCase() === colour} onChange={() => onChange(colour)}>
            <span className="block size-9 rounded-[7px] ring-1 ring-edge/40 ring-inset" style={{ background: colour }} />
            <span className="sr-only">{t("background.colour", { colour })}</span>
          </Radio>
        ))}
        <label
          className={cx(
            "flex min-h-10 cursor-pointer items-center gap-2 rounded-[9px] border px-2 text-sm",
            own ? "border-accent ring-1 ring-accent" : "border-line",
          )}
        >
          <input
            type="color"
            className="size-6 cursor-pointer rounded border-0 bg-transparent p-0"
            value={value !== null && HEX.test(value) ? value : "#5CA4A9"}
            onChange={(event) => onChange(event.target.value.toUpperCase())}
          />
          {t("background.own")}
        </label>
      </div>
    </fieldset>
  );
}

interface RadioProps {
  name: string;
  on: boolean;
  onChange: () => void;
  children: React.ReactNode;
}

function Radio({ name, on, onChange, children }: RadioProps) {
  return (
    <label
      className={cx(
        "relative flex min-h-10 cursor-pointer items-center overflow-hidden rounded-[9px] border transition-colors",
        "has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent",
        on ? "border-accent ring-1 ring-accent" : "border-line hover:border-edge",
      )}
    >
      <input type="radio" className="sr-only" name={name} checked={on} onChange={onChange} />
      {children}
    </label>
  );
}
