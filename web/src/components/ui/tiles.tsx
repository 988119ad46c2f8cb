import { useId, type ReactNode } from "react";
import { cx } from "@/lib/cx";

export interface Tile {
  value: string;
  label: string;
  picture: ReactNode;
}

interface Props {
  label: string;
  value: string;
  tiles: Tile[];
  onChange: (value: string) => void;
}

/** A few ways, each drawn and named, one of which holds. */
export function Tiles({ label, value, tiles, onChange }: Props) {
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 text-sm font-semibold">{label}</legend>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(92px,1fr))] gap-2">
        {tiles.map((tile) => (
          <label
            key={tile.value}
            className={cx(
              "relative flex cursor-pointer flex-col items-center gap-1.5 rounded-xl border px-2 pt-2.5 pb-2 text-center text-[13px] transition-colors",
              "has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent",
              tile.value === value
                ? "border-accent bg-accent-wash font-semibold ring-1 ring-accent"
                : "border-line text-soft hover:border-edge hover:text-ink",
            )}
          >
            <input
              type="radio"
              className="sr-only"
              name={name}
              value={tile.value}
              checked={tile.value === value}
              onChange={() => onChange(tile.value)}
            />
            <span className={cx("block", tile.value === value ? "text-accent" : "text-edge")} aria-hidden>
              {tile.picture}
            </span>
            {tile.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
