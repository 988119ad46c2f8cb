import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export const sharedQuery = (secret: string) =>
  queryOptions({
    queryKey: ["shared", secret],
    queryFn: ({ signal }) => content(api.GET("/api/shared/{secret}", { params: { path: { secret } }, signal })),
  });
