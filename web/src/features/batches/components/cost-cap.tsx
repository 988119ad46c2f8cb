import { useId } from "react";
import { useT } from "@/lib/i18n";

/** The most that this may cost; above it nothing is started. */
export function CostCap({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  const t = useT();
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold">
        {t("cap.label")}
      </label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        min={0}
        step={0.5}
        className="field text-sm tabular-nums"
        placeholder={t("cap.none")}
        value={value ?? ""}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value === "" ? null : Math.max(0, event.target.valueAsNumber))}
      />
      <p id={`${id}-hint`} className="mt-1.5 text-xs text-soft">
        {t("cap.hint")}
      </p>
    </div>
  );
}
