import type { Slide } from "@/api/types";
import { cx } from "@/lib/cx";

interface Props {
  slide: Pick<Slide, "imageUrl" | "title">;
  className?: string;
  described?: string;
  eager?: boolean;
}

/** A slide as it looks; beside its title it is decoration, else `described` says what it is. */
export function SlidePicture({ slide, className, described = "", eager = false }: Props) {
  return (
    <span className={cx("slide-frame block", className)}>
      {slide.imageUrl && (
        <img
          src={slide.imageUrl}
          alt={described}
          loading={eager ? "eager" : "lazy"}
          decoding="async"
          draggable={false}
          className="size-full object-contain"
        />
      )}
    </span>
  );
}
