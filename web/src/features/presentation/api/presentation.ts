import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, content } from "@/api/client";
import type { PresentationChanges } from "@/api/types";

export const presentationQuery = (id: string) =>
  queryOptions({
    queryKey: ["presentation", id, "shown"],
    queryFn: ({ signal }) =>
      content(api.GET("/api/presentations/{presentation_id}", { params: { path: { presentation_id: id } }, signal })),
  });

export function changePresentation(id: string, body: PresentationChanges) {
  return content(
    api.PATCH("/api/presentations/{presentation_id}", { params: { path: { presentation_id: id } }, body }),
  );
}

export function deletePresentation(id: string) {
  return content(api.DELETE("/api/presentations/{presentation_id}", { params: { path: { presentation_id: id } } }));
}

/** Change a presentation; the answer is shown at once. */
export function useChange(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: PresentationChanges) => changePresentation(id, body),
    onSuccess: (presentation) => {
      client.setQueryData(presentationQuery(id).queryKey, presentation);
      void client.invalidateQueries({ queryKey: ["presentation", id, "estimate"] });
    },
  });
}
