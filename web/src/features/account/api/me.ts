import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => content(api.GET("/api/me", { signal })),
  staleTime: 60_000,
});
