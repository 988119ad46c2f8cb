import { queryOptions } from "@tanstack/react-query";
import { api, content, once } from "@/api/client";

export const batchQuery = (presentationId: string, batchId: string) =>
  queryOptions({
    queryKey: ["presentation", presentationId, "batch", batchId],
    queryFn: ({ signal }) =>
      content(api.GET("/api/batches/{batch_id}", { params: { path: { batch_id: batchId } }, signal })),
  });

export function cancelBatch(batchId: string) {
  return content(
    api.POST("/api/batches/{batch_id}/cancel", { params: { path: { batch_id: batchId }, header: once() } }),
  );
}

/** Order the same again for what did not come out; `maxCostUsd` is another cap than the first time. */
export function retryFailed(batchId: string, maxCostUsd?: number) {
  return content(
    api.POST("/api/batches/{batch_id}/retry-failed", {
      params: { path: { batch_id: batchId }, header: once() },
      body: { maxCostUsd },
    }),
  );
}
