import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";
import type { ListedPresentation } from "@/api/types";

const IMPORTING_MS = 1_000;
const WORKING_MS = 2_500;

function isWorking(row: ListedPresentation): boolean {
  return row.newestBatch?.state === "running" || row.newestBatch?.state === "planning";
}

export const presentationsQuery = infiniteQueryOptions({
  queryKey: ["presentations"],
  queryFn: ({ pageParam, signal }) =>
    content(api.GET("/api/presentations", { params: { query: { cursor: pageParam ?? undefined, limit: 50 } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.nextCursor,
  refetchInterval: (query) => {
    const rows = query.state.data?.pages.flatMap((page) => page.items) ?? [];
    if (rows.some((row) => row.state === "importing")) return IMPORTING_MS;
    return rows.some(isWorking) ? WORKING_MS : false;
  },
});
