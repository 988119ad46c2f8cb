import { Plus, Trash2 } from "lucide-react";
import { useId, useRef, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import type { Pronunciation } from "@/features/slides/api/pronunciations";
import { useT } from "@/lib/i18n";
import type { Key } from "@/lib/words/en";

const MOST_CHARS = 100;

export interface Row extends Pronunciation {
  key: number;
}

/** What is wrong with rows, by their keys. */
export function wrongIn(rows: Row[]): Map<number, Key> {
  const wrong = new Map<number, Key>();
  const seen = new Set<string>();
  for (const row of rows) {
    const written = row.written.trim();
    if (!written || !row.spoken.trim()) wrong.set(row.key, "pronounce.incomplete");
    else if (seen.has(written)) wrong.set(row.key, "pronounce.twice");
    seen.add(written);
  }
  return wrong;
}

interface Props {
  rows: Row[];
  wrong: Map<number, Key>;
  onChange: (rows: Row[]) => void;
  onSubmit: () => void;
}

/** Words and how they are said, to write, add and take away. */
export function PronunciationRows({ rows, wrong, onChange, onSubmit }: Props) {
  const t = useT();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const change = (key: number, part: Partial<Row>) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));

  function add() {
    onChange([{ written: "", spoken: "", key: Math.min(0, ...rows.map((row) => row.key)) - 1 }, ...rows]);
    requestAnimationFrame(() => form.current?.querySelector("input")?.focus());
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    onSubmit();
  }
  return (
    <form ref={form} onSubmit={submit} className="pt-1">
      <div className="mb-2 grid grid-cols-[1fr_1fr_36px] gap-3 text-xs font-semibold text-soft" aria-hidden>
        <span>{t("pronounce.written")}</span>
        <span>{t("pronounce.spoken")}</span>
      </div>
      <ul className="space-y-2">
        {rows.map((row, index) => {
          const error = wrong.get(row.key);
          const shared = { maxLength: MOST_CHARS, className: "field text-sm", "aria-invalid": error !== undefined, "aria-describedby": error && `${id}-${index}` };
          return (
            <li key={row.key}>
              <div className="grid grid-cols-[1fr_1fr_36px] gap-3">
                <input {...shared} autoFocus={index === 0 && row.key < 0 && row.written === ""} value={row.written} placeholder="SQL" aria-label={t("pronounce.writtenOf", { count: index + 1 })} onChange={(event) => change(row.key, { written: event.target.value })} />
                <input {...shared} autoFocus={index === 0 && row.key < 0 && row.written !== ""} value={row.spoken} placeholder={t("pronounce.example")} aria-label={t("pronounce.spokenOf", { count: index + 1 })} onChange={(event) => change(row.key, { spoken: event.target.value })} />
                <Button kind="quiet" size="icon" aria-label={t("pronounce.remove", { word: row.written || String(index + 1) })} icon={<Trash2 size={15} aria-hidden />} onClick={() => onChange(rows.filter((each) => each.key !== row.key))} />
              </div>
              {error && (
                <p id={`${id}-${index}`} role="alert" className="mt-1 text-xs text-bad">
                  {t(error)}
                </p>
              )}
            </li>
          );
        })}
      </ul>
      {rows.length === 0 && <p className="py-3 text-sm text-soft">{t("pronounce.none")}</p>}
      <Button size="small" className="mt-3" icon={<Plus size={14} aria-hidden />} onClick={add}>
        {t("pronounce.add")}
      </Button>
      <input type="submit" hidden />
    </form>
  );
}
