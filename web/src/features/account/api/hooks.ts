import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export const hooksQuery = queryOptions({
  queryKey: ["hooks"],
  queryFn: ({ signal }) => content(api.GET("/api/hooks", { signal })),
});

export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ["hooks", id, "deliveries"],
    queryFn: ({ signal }) =>
      content(api.GET("/api/hooks/{hook_id}/deliveries", { params: { path: { hook_id: id }, query: { limit: 10 } }, signal })),
  });

export function addHook(url: string) {
  return content(api.POST("/api/hooks", { body: { url } }));
}

export function tryHook(id: string) {
  return content(api.POST("/api/hooks/{hook_id}/test", { params: { path: { hook_id: id } } }));
}

export function removeHook(id: string) {
  return content(api.DELETE("/api/hooks/{hook_id}", { params: { path: { hook_id: id } } }));
}
