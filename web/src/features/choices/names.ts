const NAMES: Record<string, string> = { heygen: "HeyGen", local: "Deckcast" };

/** A provider as it writes itself. */
export function providerName(name: string): string {
  return NAMES[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}
