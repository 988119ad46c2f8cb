import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export interface Pronunciation {
  written: string;
  spoken: string;
}

export const pronunciationsQuery = (presentationId: string) =>
  queryOptions({
    queryKey: ["presentation", presentationId, "pronunciations"],
    queryFn: ({ signal }) =>
      content(
        api.GET("/api/presentations/{presentation_id}/pronunciations", {
          params: { path: { presentation_id: presentationId } },
          signal,
        }),
      ),
  });

/** Keep this list, and nothing that was there before. */
export function setPronunciations(presentationId: string, items: Pronunciation[]) {
  return content(
    api.PUT("/api/presentations/{presentation_id}/pronunciations", {
      params: { path: { presentation_id: presentationId } },
      body: { items },
    }),
  );
}
