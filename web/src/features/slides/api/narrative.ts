import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export function editNarrative(slideId: string, text: string, ifVersion: number | null, language: string | null) {
  return content(
    api.PUT("/api/slides/{slide_id}/narrative", {
      params: { path: { slide_id: slideId } },
      body: { text, ifVersion, language },
    }),
  );
}

export const versionsQuery = (presentationId: string, slideId: string) =>
  queryOptions({
    queryKey: ["presentation", presentationId, "versions", slideId],
    queryFn: ({ signal }) =>
      content(
        api.GET("/api/slides/{slide_id}/narrative/versions", { params: { path: { slide_id: slideId } }, signal }),
      ),
  });

export function restoreNarrative(slideId: string, version: number) {
  return content(
    api.POST("/api/slides/{slide_id}/narrative/restore", {
      params: { path: { slide_id: slideId } },
      body: { version },
    }),
  );
}
