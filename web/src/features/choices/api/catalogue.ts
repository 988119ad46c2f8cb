import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

const MINUTES = 60_000;

export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => content(api.GET("/api/providers", { signal })),
  staleTime: MINUTES,
});

export const avatarsQuery = (provider: string | null) =>
  queryOptions({
    queryKey: ["avatars", provider],
    queryFn: ({ signal }) =>
      content(api.GET("/api/avatars", { params: { query: { provider: provider ?? undefined } }, signal })),
    staleTime: 10 * MINUTES,
  });

export const voicesQuery = (provider: string | null, language: string | null) =>
  queryOptions({
    queryKey: ["voices", provider, language],
    queryFn: ({ signal }) =>
      content(
        api.GET("/api/voices", {
          params: { query: { provider: provider ?? undefined, language: language ?? undefined } },
          signal,
        }),
      ),
    staleTime: 10 * MINUTES,
  });
