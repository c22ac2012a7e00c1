"use client";

import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { useSession } from "@/api/auth";
import { refresh } from "@/api/client";
import { ErrorState, Skeleton } from "@/ui/states";
import { Cache } from "./providers";
import { Shell } from "./shell";

/** The pages of somebody who is signed in; everybody else is sent to sign in and comes back. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const { token, user, organization } = useSession();
  const router = useRouter();
  const pathname = usePathname();
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (token) return;
    let left = false;
    setFailure(null);
    refresh().then(
      (entered) => {
        if (!entered && !left) router.replace(`/sign-in/?next=${encodeURIComponent(pathname + window.location.search)}`);
      },
      (error: unknown) => setFailure(error),
    );
    return () => {
      left = true;
    };
  }, [token, attempt, router, pathname]);
  if (token) {
    // What one organization answered, or one person, is never shown to another.
    return (
      <Cache key={`${user?.id} ${organization?.id}`}>
        <Shell>{children}</Shell>
      </Cache>
    );
  }
  return (
    <main className="mx-auto max-w-xl px-6 py-16">
      {failure ? <ErrorState error={failure} onRetry={() => setAttempt((now) => now + 1)} /> : <Skeleton className="h-24" />}
    </main>
  );
}
