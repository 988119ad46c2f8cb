import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

const AT_ONCE = 10;

/** Every attempt at a slide's avatar video, newest first. */
export const attemptsQuery = (presentationId: string, slideId: string) =>
  infiniteQueryOptions({
    queryKey: ["presentation", presentationId, "attempts", slideId],
    queryFn: ({ pageParam, signal }) =>
      content(
        api.GET("/api/presentations/{presentation_id}/avatar-videos", {
          params: {
            path: { presentation_id: presentationId },
            query: { slideId, limit: AT_ONCE, cursor: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
