import { api, content } from "@/api/client";

export function signIn(token: string) {
  return content(api.POST("/api/sessions", { body: { token } }));
}

export function signOut() {
  return content(api.DELETE("/api/sessions/current"));
}
