import { useQueryClient } from "@tanstack/react-query";
import { signOut } from "@/features/account/api/session";

/** Sign out, and forget here what was shown. */
export function useLeave(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await signOut().catch(() => undefined); // a session that has ended already is left, too
    queries.clear();
    window.location.assign("/");
  };
}
