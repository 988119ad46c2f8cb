import { queryOptions } from "@tanstack/react-query";
import { api, content } from "@/api/client";

export const spendQuery = queryOptions({
  queryKey: ["me", "spend"],
  queryFn: ({ signal }) => content(api.GET("/api/me/spend", { signal })),
});
