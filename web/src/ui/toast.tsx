"use client";

import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { ApiError } from "@/api/errors";
import { IconButton } from "./button";

interface ToastMessage {
  readonly id: number;
  readonly tone: "positive" | "negative";
  readonly title: string;
  readonly text: string | undefined;
  readonly undo: (() => void) | undefined;
}

const SHOWN_MS = 10_000;
const NONE: readonly ToastMessage[] = [];
let messages = NONE;
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: readonly ToastMessage[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const toast = {
  done(title: string, options: { text?: string; undo?: () => void } = {}): void {
    publish([...messages, { id: nextId++, tone: "positive", title, text: options.text, undo: options.undo }]);
  },
  failed(error: unknown): void {
    const known = error instanceof ApiError ? error : null;
    const title = known?.message ?? "That did not work. Reload the page and try again.";
    const text = known ? [known.code, known.requestId].filter(Boolean).join(" · ") : undefined;
    publish([...messages, { id: nextId++, tone: "negative", title, text, undo: undefined }]);
  },
};

export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => messages, () => NONE);
  return (
    <Radix.Provider duration={SHOWN_MS} label="Notifications">
      {shown.map((message) => (
        <Radix.Root
          key={message.id}
          type={message.tone === "negative" ? "foreground" : "background"}
          onOpenChange={(open) => !open && publish(messages.filter((other) => other.id !== message.id))}
          className="flex items-start gap-2 rounded-lg border border-line bg-raised py-2.5 pr-2 pl-3 shadow-float"
        >
          {message.tone === "negative" ? (
            <CircleAlert className="mt-0.5 size-4 shrink-0 text-negative" aria-hidden />
          ) : (
            <CircleCheck className="mt-0.5 size-4 shrink-0 text-positive" aria-hidden />
          )}
          <div className="min-w-0 flex-1">
            <Radix.Title className="font-medium">{message.title}</Radix.Title>
            {message.text ? <Radix.Description className="text-xs text-muted">{message.text}</Radix.Description> : null}
          </div>
          {message.undo ? (
            <Radix.Action altText="Undo" onClick={message.undo} className="link px-1 font-medium">
              Undo
            </Radix.Action>
          ) : null}
          <Radix.Close asChild>
            <IconButton label="Dismiss" size="small">
              <X />
            </IconButton>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed right-3 bottom-3 z-60 flex w-96 max-w-[calc(100vw-24px)] flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
