import type { Choices, PresentationChanges } from "@/api/types";
import { Segments } from "@/components/ui/choice";
import { Tiles } from "@/components/ui/tiles";
import { CornerPicture, LayoutPicture, ShapePicture } from "@/features/choices/components/pictograms";
import { useT } from "@/lib/i18n";

const LAYOUTS = ["auto", "corner", "beside", "full", "none"] as const;
const CORNERS = ["auto", "bottom_right", "bottom_left", "top_right", "top_left"] as const;
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
      <Tiles
        label={t("choice.layout")}
        value={layout}
        tiles={LAYOUTS.map((value) => ({ value, label: t(`layout.${value}`), picture: <LayoutPicture layout={value} /> }))}
        onChange={(value) => onChange({ layout: value === "auto" ? null : (value as (typeof LAYOUTS)[number]) })}
      />
      {layout === "corner" && (
        <Tiles
          label={t("choice.corner")}
          value={choices.corner ?? "auto"}
          tiles={CORNERS.map((value) => ({
            value,
            label: value === "auto" ? t("choice.auto") : t(`corner.${value}`),
            picture: <CornerPicture corner={value} />,
          }))}
          onChange={(value) => onChange({ corner: value === "auto" ? null : (value as Choices["corner"]) })}
        />
      )}
      {layout !== "none" && layout !== "full" && (
        <>
          <Segments
            label={t("choice.size")}
            value={choices.size ?? "medium"}
            options={SIZES.map((value) => ({ value, label: t(`size.${value}`) }))}
            onChange={(value) => onChange({ size: value as (typeof SIZES)[number] })}
          />
          <Tiles
            label={t("choice.shape")}
            value={choices.shape ?? "circle"}
            tiles={SHAPES.map((value) => ({ value, label: t(`shape.${value}`), picture: <ShapePicture shape={value} /> }))}
            onChange={(value) => onChange({ shape: value as (typeof SHAPES)[number] })}
          />
        </>
      )}
    </>
  );
}
