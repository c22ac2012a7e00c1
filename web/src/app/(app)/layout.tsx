import { type ReactNode, Suspense } from "react";
import { SignedIn } from "@/shell/signed-in";

export default function AppLayout({ children }: { readonly children: ReactNode }) {
  return (
    <SignedIn>
      <Suspense>{children}</Suspense>
    </SignedIn>
  );
}
