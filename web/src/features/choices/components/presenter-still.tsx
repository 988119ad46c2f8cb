import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Choices, Presentation } from "@/api/types";
import { Button } from "@/components/ui/button";
import { avatarsQuery } from "@/features/choices/api/catalogue";
import { cx } from "@/lib/cx";
import { useT } from "@/lib/i18n";

interface Props {
  presentation: Presentation;
  provider: string;
  avatarId: string | null;
}

const USUAL_GROUND = "#e6ecf5";
const SIZES: Record<string, string> = { small: "18%", medium: "24%", large: "31%" };
const OUTLINES: Record<string, string> = { circle: "9999px", rounded: "8%", square: "0", cut_out: "0" };
const PLACES: Record<string, string> = {
  bottom_right: "right-[3%] bottom-[4%]",
  bottom_left: "left-[3%] bottom-[4%]",
  top_right: "right-[3%] top-[4%]",
  top_left: "left-[3%] top-[4%]",
};

/** About how a slide of the film will look, at once, before anything is made. */
export function PresenterStill({ presentation, provider, avatarId }: Props) {
  const t = useT();
  const [at, setAt] = useState(0);
  const avatars = useQuery(avatarsQuery(provider)).data?.items ?? [];
  const avatar = avatars.find((each) => each.id === avatarId) ?? avatars[0];
  const slides = presentation.slides.filter((slide) => slide.included);
  const slide = slides[at % Math.max(1, slides.length)];
  const { choices } = presentation;
  const layout = choices.layout ?? "auto";
  const picture = slide?.imageUrl ? (
    <img src={slide.imageUrl} alt={t("slide.picture", { title: slide.title })} className="size-full object-contain" />
  ) : null;
  return (
    <figure>
      <div className="slide-frame relative shadow-card">
        {layout === "full" ? (
          <Presenter url={avatar?.previewUrl} choices={choices} className="size-full" />
        ) : layout === "beside" ? (
          <div className="flex size-full items-center gap-[2%] p-[2%]">
            <div className="min-w-0 flex-1">{picture}</div>
            <Presenter
              url={avatar?.previewUrl}
              choices={choices}
              className="aspect-square shrink-0"
              style={{ width: SIZES[choices.size ?? "medium"], borderRadius: OUTLINES[choices.shape ?? "circle"] }}
            />
          </div>
        ) : (
          <>
            {picture}
            {layout !== "none" && (
              <Presenter
                url={avatar?.previewUrl}
                choices={choices}
                className={cx("absolute aspect-square", PLACES[choices.corner ?? "bottom_right"])}
                style={{ width: SIZES[choices.size ?? "medium"], borderRadius: OUTLINES[choices.shape ?? "circle"] }}
              />
            )}
          </>
        )}
      </div>
      <figcaption className="mt-2 flex items-center justify-between gap-3 text-xs text-soft">
        <span>{t(layout === "auto" ? "still.auto" : "still.about")}</span>
        <Button size="small" kind="quiet" onClick={() => setAt(at + 1)}>
          {t("still.next")}
        </Button>
      </figcaption>
    </figure>
  );
}

interface PresenterProps {
  url: string | null | undefined;
  choices: Choices;
  className: string;
  style?: React.CSSProperties;
}

function Presenter({ url, choices, className, style }: PresenterProps) {
  const cutOut = choices.shape === "cut_out" || choices.background === "transparent";
  const ground = cutOut ? "transparent" : (choices.background ?? USUAL_GROUND);
  return (
    <div className={cx("overflow-hidden", className)} style={{ ...style, background: ground }}>
      {url && <img src={url} alt="" className="size-full object-cover object-top" />}
    </div>
  );
}
