import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { CopyField } from "@/components/ui/copy-field";
import { Failure } from "@/components/ui/failure";
import { Notice } from "@/components/ui/notice";

type Below = {
  secret: { title: string; label: string; value: string } | null;
  error: Error | null;
  list: UseQueryResult<{ items: readonly unknown[] }>;
  none: string;
  children: ReactNode;
};

/** What stands below a card's form: a secret that is shown once, what went wrong, and the list, or why there is none. */
export function BelowForm({ secret, error, list, none, children }: Below) {
  return (
    <>
      {secret && (
        <div className="p-5">
          <Notice title={secret.title}>
            <div className="mt-2">
              <CopyField label={secret.label} value={secret.value} />
            </div>
          </Notice>
        </div>
      )}
      {error && (
        <div className="p-5">
          <Failure error={error} />
        </div>
      )}
      {list.isError && !list.data && (
        <div className="p-5">
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      )}
      {list.isPending && <div className="skeleton m-5 h-6" />}
      {list.data?.items.length === 0 && <p className="p-5 text-sm text-soft">{none}</p>}
      {children}
    </>
  );
}
