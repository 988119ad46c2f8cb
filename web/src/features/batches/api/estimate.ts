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
      const query = { ...asked, kind };
      return content(
        api.GET("/api/presentations/{presentation_id}/estimate", {
          params: { path: { presentation_id: id }, query },
          signal,
        }),
      );
    },
    placeholderData: keepPreviousData,
  });
