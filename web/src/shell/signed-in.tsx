"use client";

import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { useSession } from "@/api/auth";
import { refresh } from "@/api/client";
import { unreachable } from "@/api/errors";
import { ErrorState, Skeleton } from "@/ui/states";
import { Shell } from "./shell";

/** The pages of somebody who is signed in; everybody else is sent to sign in and comes back. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const { token } = useSession();
  const router = useRouter();
  const pathname = usePathname();
  const [failed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (token) return;
    let left = false;
    setFailed(false);
    refresh().then(
      (entered) => {
        if (!entered && !left) router.replace(`/sign-in/?next=${encodeURIComponent(pathname + window.location.search)}`);
      },
      () => setFailed(true),
    );
    return () => {
      left = true;
    };
  }, [token, attempt, router, pathname]);
  if (token) return <Shell>{children}</Shell>;
  return (
    <main className="mx-auto max-w-xl px-6 py-16">
      {failed ? <ErrorState error={unreachable()} onRetry={() => setAttempt((now) => now + 1)} /> : <Skeleton className="h-24" />}
    </main>
  );
}
