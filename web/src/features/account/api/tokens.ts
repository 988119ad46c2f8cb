import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => content(api.GET("/api/tokens", { signal })),
});

export function makeToken(name: string, expiresInDays: number | null) {
  return content(api.POST("/api/tokens", { body: { name, expiresInDays } }));
}

export function revokeToken(id: string) {
  return content(api.DELETE("/api/tokens/{token_id}", { params: { path: { token_id: id } } }));
}
