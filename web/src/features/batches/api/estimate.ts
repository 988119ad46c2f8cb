import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";
import type { BatchKind, Estimate } from "@/api/types";
import type { Wish } from "@/features/batches/api/start";

/** What each of the five actions would make, take and cost, as the presentation is now. */
export const estimatesQuery = (id: string) =>
  queryOptions({
    queryKey: ["presentation", id, "estimate", "all"],
    queryFn: ({ signal }) =>
      content(
        api.GET("/api/presentations/{presentation_id}/estimate", { params: { path: { presentation_id: id } }, signal }),
      ),
    placeholderData: keepPreviousData,
  });

/** The same for one action with the options that were chosen; a cap changes nothing of it. */
export const estimateQuery = (id: string, kind: BatchKind, wish: Wish) => {
  const { maxCostUsd: _, overwriteEdits: __, ...asked } = wish;
  const none = asked.selectedSlideIds?.length === 0;
  return queryOptions({
    queryKey: ["presentation", id, "estimate", kind, asked],
    queryFn: ({ signal }): Promise<Estimate> =>
      content(
        api.GET("/api/presentations/{presentation_id}/estimate", {
          params: { path: { presentation_id: id }, query: { ...given(asked), kind } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    enabled: !none,
  });
};

/** Only what is said: an address has no null. */
function given<T extends object>(asked: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  const said = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(said) as { [Name in keyof T]?: NonNullable<T[Name]> };
}
