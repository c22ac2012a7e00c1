import { type ReactNode, useEffect } from "react";

/** The frame of the pages before signing in. */
export function Entrance({ title, note, children }: { readonly title: string; readonly note: ReactNode; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · bizcore`;
  }, [title]);
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-2 text-base font-semibold">
          <img src="/icon.svg" alt="" width={24} height={24} />
          bizcore
        </div>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-1 mb-5 text-muted">{note}</p>
        {children}
      </div>
    </main>
  );
}
