import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, content } from "@/api/client";
import type { Presentation, PresentationChanges } from "@/api/types";

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

/** Change a presentation: title and order are shown at once, the rest as the answer says. Calls go one by one. */
export function useChange(id: string) {
  const client = useQueryClient();
  const { queryKey } = presentationQuery(id);
  const mutationKey = ["presentation", id, "change"];
  const isLast = () => client.isMutating({ mutationKey }) === 1;
  return useMutation({
    mutationKey,
    scope: { id: `change-${id}` },
    mutationFn: (body: PresentationChanges) => changePresentation(id, body),
    onMutate: async (body) => {
      await client.cancelQueries({ queryKey, exact: true });
      client.setQueryData(queryKey, (shown) => shown && changed(shown, body));
    },
    onSuccess: (presentation) => {
      if (isLast()) client.setQueryData(queryKey, presentation);
      void client.invalidateQueries({ queryKey: ["presentation", id, "estimate"] });
    },
    onError: () => {
      if (isLast()) void client.invalidateQueries({ queryKey, exact: true });
    },
  });
}

function changed(shown: Presentation, { title, order, exclude, include }: PresentationChanges): Presentation {
  const place = new Map((order ?? []).map((slideId, index) => [slideId, index]));
  const slides = shown.slides.map((slide) => ({
    ...slide,
    included: include?.includes(slide.id) || (slide.included && !exclude?.includes(slide.id)),
  }));
  if (order) slides.sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
  return { ...shown, title: title ?? shown.title, slides };
}
