import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

/** Every attempt at a slide's avatar video, newest first. */
export const attemptsQuery = (presentationId: string, slideId: string) =>
  queryOptions({
    queryKey: ["presentation", presentationId, "attempts", slideId],
    queryFn: ({ signal }) =>
      content(
        api.GET("/api/presentations/{presentation_id}/avatar-videos", {
          params: { path: { presentation_id: presentationId }, query: { slideId, limit: 20 } },
          signal,
        }),
      ),
  });
