import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";
import type { BatchKind, BatchRequest } from "@/api/types";

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

/** The same for one action with the options that were chosen. */
export const estimateQuery = (id: string, kind: BatchKind, request: BatchRequest) =>
  queryOptions({
    queryKey: ["presentation", id, "estimate", kind, request],
    queryFn: ({ signal }) => {
      const { maxCostUsd: _, ...asked } = request;
      const query = { ...given(asked), kind };
      return content(
        api.GET("/api/presentations/{presentation_id}/estimate", {
          params: { path: { presentation_id: id }, query },
          signal,
        }),
      );
    },
    placeholderData: keepPreviousData,
  });

/** Only what is said: an address has no null. */
function given<T extends object>(asked: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  const said = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(said) as { [Name in keyof T]?: NonNullable<T[Name]> };
}
