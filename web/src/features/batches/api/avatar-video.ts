import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export const avatarVideoQuery = (presentationId: string, id: string) =>
  queryOptions({
    queryKey: ["presentation", presentationId, "avatar-video", id],
    queryFn: ({ signal }) =>
      content(api.GET("/api/avatar-videos/{avatar_video_id}", { params: { path: { avatar_video_id: id } }, signal })),
  });

/** Say what became of a paid call whose answer was lost: the provider's job, or that there is none. */
export function resolveAvatarVideo(id: string, found: { jobId: string } | { notMade: true }) {
  return content(
    api.POST("/api/avatar-videos/{avatar_video_id}/resolve", { params: { path: { avatar_video_id: id } }, body: found }),
  );
}
