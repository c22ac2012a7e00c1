"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiError } from "@/api/errors";
import { Toaster } from "@/ui/toast";

const MAX_RETRIES = 2;
const SERVER_ERROR = 500;

/** Only what may pass by itself is tried again: no answer and failures of the server, never a refusal. */
const worthRetrying = (failures: number, error: Error): boolean =>
  failures < MAX_RETRIES && !(error instanceof ApiError && error.status > 0 && error.status < SERVER_ERROR);

/** What the server answered to those inside, and nobody else. Without a connection they are told so, not kept waiting. */
export function Cache({ children }: { readonly children: ReactNode }) {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 10_000, retry: worthRetrying, networkMode: "always", refetchOnReconnect: true } } }),
  );
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

export const Providers = ({ children }: { readonly children: ReactNode }) => (
  <>
    <Cache>{children}</Cache>
    <Toaster />
  </>
);
