import { api, content } from "@/api/client";

export function addSample() {
  return content(api.POST("/api/presentations/sample"));
}
