/** 75 → "1:15"; 3675 → "1:01:15". Whole seconds that have passed, as players count them. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(m).padStart(h > 0 ? 2 : 1, "0")}:${String(s).padStart(2, "0")}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

export function money(usd: number, language: string): string {
  return usd.toLocaleString(language, { style: "currency", currency: "USD" });
}

export function size(bytes: number, language: string): string {
  const unit = bytes < 2 ** 20 ? "kilobyte" : "megabyte";
  const value = bytes / (unit === "kilobyte" ? 2 ** 10 : 2 ** 20);
  return value.toLocaleString(language, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 });
}

export function day(iso: string, language: string): string {
  return new Date(iso).toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" });
}

export function moment(iso: string, language: string): string {
  return new Date(iso).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}

export function languageName(tag: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** A rough length of time as people say it: whole minutes from two minutes on, else steps of five seconds. */
export function roughly(seconds: number): { unit: "seconds" | "minutes" | "hours"; count: number } {
  if (seconds < 90) return { unit: "seconds", count: Math.max(5, Math.ceil(seconds / 5) * 5) };
  if (seconds < 5400) return { unit: "minutes", count: Math.ceil(seconds / 60) };
  return { unit: "hours", count: Math.round(seconds / 360) / 10 };
}
