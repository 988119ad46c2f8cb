import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, type ReactNode } from "react";
import { asRefusal } from "@/api/refusal";
import { Boundary } from "@/app/boundary";
import { match, usePath } from "@/app/router";
import { Shell } from "@/app/shell";
import { Failure } from "@/components/ui/failure";
import { PageSkeleton } from "@/components/ui/page-skeleton";
import { meQuery } from "@/features/account/api/me";
import { PresentationsPage } from "@/features/presentations/components/presentations-page";
import { NotFound } from "@/app/not-found";

const PresentationPage = lazy(() =>
  import("@/features/presentation/components/presentation-page").then((page) => ({ default: page.PresentationPage })),
);
const SettingsPage = lazy(() =>
  import("@/features/account/components/settings-page").then((page) => ({ default: page.SettingsPage })),
);
const SignInPage = lazy(() =>
  import("@/features/account/components/sign-in-page").then((page) => ({ default: page.SignInPage })),
);
const SharedPage = lazy(() =>
  import("@/features/film/components/shared-page").then((page) => ({ default: page.SharedPage })),
);

/** What an address shows. A share opens without signing in; everything else asks who is there first. */
export function Routes() {
  const path = usePath();
  const shared = match("/shared/:secret", path);
  if (shared) {
    return (
      <Suspense fallback={<PageSkeleton />}>
        <SharedPage key={shared.secret} secret={shared.secret ?? ""} />
      </Suspense>
    );
  }
  return <SignedIn path={path} />;
}

function SignedIn({ path }: { path: string }) {
  const me = useQuery(meQuery);
  if (me.isPending) return <PageSkeleton />;
  if (me.isError) {
    const refusal = asRefusal(me.error);
    return refusal.status === 401 ? (
      <Suspense fallback={<PageSkeleton />}>
        <SignInPage refusal={refusal} />
      </Suspense>
    ) : (
      <div className="mx-auto max-w-xl p-6 pt-24">
        <Failure error={me.error} retry={() => void me.refetch()} />
      </div>
    );
  }
  return (
    <Shell me={me.data}>
      <Boundary key={path.split("/").slice(0, 3).join("/")}>
        <Suspense fallback={<PageSkeleton />}>{pageFor(path)}</Suspense>
      </Boundary>
    </Shell>
  );
}

function pageFor(path: string): ReactNode {
  if (path === "/") return <PresentationsPage />;
  if (path === "/settings") return <SettingsPage />;
  const at =
    match("/presentations/:id", path) ??
    match("/presentations/:id/:tab", path) ??
    match("/presentations/:id/:tab/:item", path);
  if (at?.id) return <PresentationPage key={at.id} id={at.id} tab={at.tab ?? "slides"} item={at.item ?? null} />;
  return <NotFound />;
}
