const APPLE = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/** What is printed on other keyboards. */
const ELSEWHERE: Readonly<Record<string, string>> = { "⌘": "Ctrl", "⌥": "Alt", "⌫": "Backspace" };

/** One key as it is printed on the keyboard at hand. */
export const Kbd = ({ children }: { readonly children: string }) => (
  <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line bg-canvas px-1 font-sans text-2xs text-muted">
    {APPLE ? children : (ELSEWHERE[children] ?? children)}
  </kbd>
);
