import { QueryClient } from "@tanstack/react-query";
import { asRefusal } from "@/api/refusal";

export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && asRefusal(error).retryable,
        retryDelay: (failures) => 600 * 2 ** failures,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
