import type { Choices, PresentationChanges } from "@/api/types";
import { Segments } from "@/components/ui/choice";
import { useT } from "@/lib/i18n";

const LAYOUTS = ["auto", "corner", "beside", "full", "none"] as const;
const CORNERS = ["bottom_right", "bottom_left", "top_right", "top_left"] as const;
const SHAPES = ["circle", "rounded", "square", "cut_out"] as const;
const SIZES = ["small", "medium", "large"] as const;

interface Props {
  choices: Choices;
  onChange: (part: PresentationChanges) => void;
}

/** Where the presenter stands, how large, and in what outline. */
export function LayoutChoices({ choices, onChange }: Props) {
  const t = useT();
  const layout = choices.layout ?? "auto";
  return (
    <>
      <Segments
        label={t("choice.layout")}
        value={layout}
        options={LAYOUTS.map((value) => ({ value, label: t(`layout.${value}`) }))}
        onChange={(value) => onChange({ layout: value === "auto" ? null : (value as (typeof LAYOUTS)[number]) })}
      />
      {layout !== "none" && layout !== "full" && (
        <>
          {layout === "corner" && (
            <Segments
              label={t("choice.corner")}
              value={choices.corner ?? ""}
              options={[
                { value: "", label: t("choice.auto") },
                ...CORNERS.map((value) => ({ value, label: t(`corner.${value}`) })),
              ]}
              onChange={(value) => onChange({ corner: value === "" ? null : (value as (typeof CORNERS)[number]) })}
            />
          )}
          <Segments
            label={t("choice.size")}
            value={choices.size ?? "medium"}
            options={SIZES.map((value) => ({ value, label: t(`size.${value}`) }))}
            onChange={(value) => onChange({ size: value as (typeof SIZES)[number] })}
          />
          <Segments
            label={t("choice.shape")}
            value={choices.shape ?? "circle"}
            options={SHAPES.map((value) => ({ value, label: t(`shape.${value}`) }))}
            onChange={(value) => onChange({ shape: value as (typeof SHAPES)[number] })}
          />
        </>
      )}
    </>
  );
}
