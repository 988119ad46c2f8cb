import type { Choices } from "@/api/types";

/** Where a slide's still is, as it would be composed with these choices; what is not said is as it is kept. */
export function previewUrl(slideId: string, choices: Choices, provider: string, avatarId: string | null): string {
  const { layout, corner, size, shape, background, aiMark } = choices;
  const mark = typeof aiMark === "boolean" ? String(aiMark) : null;
  const said = { layout, corner, size, shape, background, provider, avatar: avatarId, aiMark: mark };
  const query = new URLSearchParams(Object.entries(said).filter((each): each is [string, string] => Boolean(each[1])));
  return `/api/slides/${slideId}/preview?${query.toString()}`;
}
