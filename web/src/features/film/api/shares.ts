import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export const sharesQuery = (id: string) =>
  queryOptions({
    queryKey: ["presentation", id, "shares"],
    queryFn: ({ signal }) =>
      content(
        api.GET("/api/presentations/{presentation_id}/shares", { params: { path: { presentation_id: id } }, signal }),
      ),
  });

export function makeShare(id: string, expiresInS: number) {
  return content(
    api.POST("/api/presentations/{presentation_id}/shares", {
      params: { path: { presentation_id: id } },
      body: { expiresInS },
    }),
  );
}

export function endShare(id: string, shareId: string) {
  return content(
    api.DELETE("/api/presentations/{presentation_id}/shares/{share_id}", {
      params: { path: { presentation_id: id, share_id: shareId } },
    }),
  );
}
