import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CornerDownLeft, FileText, Plus, Search, Zap } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useState } from "react";
import { search } from "@/api/search";
import { newHref } from "@/documents/registry";
import { evaluate } from "@/lib/arithmetic";
import { classes } from "@/lib/classes";
import { humanize } from "@/lib/format";
import { Kbd } from "@/ui/kbd";
import { useCreatable } from "./creatable";
import { hitHref, hitLabel } from "./hits";
import { useNavigation } from "./nav";
import { usePageCommands } from "./page-commands";

interface Entry {
  readonly key: string;
  readonly group: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly icon: ReactNode;
  readonly run: () => void;
}

interface PaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export const CommandPalette = ({ open, onOpenChange }: PaletteProps) => (
  <Dialog.Root open={open} onOpenChange={onOpenChange}>
    <Dialog.Portal>
      <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
      <Dialog.Content
        aria-describedby={undefined}
        className="fixed inset-x-2 top-[10vh] z-50 mx-auto flex max-h-[70vh] max-w-xl flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-float"
      >
        <Dialog.Title className="sr-only">Search, go to, create</Dialog.Title>
        <Commands onDone={() => onOpenChange(false)} />
      </Dialog.Content>
    </Dialog.Portal>
  </Dialog.Root>
);

const SEARCH_FROM = 2;

function Commands({ onDone }: { readonly onDone: () => void }) {
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const { entries, searching } = useEntries(typed.trim());
  const [awaited, setAwaited] = useState(false);
  useEffect(() => {
    setActive(0);
    setAwaited(false);
  }, [typed]);
  useEffect(() => {
    document.getElementById(`${listId}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active, listId]);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onDone();
    entry.run();
  };
  // Whoever types a number and presses Enter at once means what is found for it, not what an earlier letter found.
  const waits = awaited && !searching;
  const first = entries[0];
  useEffect(() => {
    if (!waits) return;
    setAwaited(false);
    if (!first) return;
    onDone();
    first.run();
  }, [waits, first, onDone]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : entries.length - 1;
      setActive((at) => (at + step) % Math.max(entries.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (searching && active === 0) setAwaited(true);
      else run(entries[active]);
    }
  };
  return (
    <>
      <div className="flex items-center gap-2 border-b border-line px-4">
        <Search className="size-4 shrink-0 text-faint" aria-hidden />
        <input
          role="combobox"
          aria-label="Search or command"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={entries[active] ? `${listId}-${active}` : undefined}
          autoComplete="off"
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
          placeholder="A number, a name, a page, or 12*3"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Kbd>esc</Kbd>
      </div>
      <ul id={listId} role="listbox" aria-label="Results" className="min-h-0 flex-1 overflow-y-auto p-1.5">
        {entries.map((entry, index) => (
          <li key={entry.key} role="presentation">
            {entries[index - 1]?.group === entry.group ? null : (
              <p role="presentation" className="px-2.5 pt-2 pb-1 text-2xs font-medium text-faint">
                {entry.group}
              </p>
            )}
            <div
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === active}
              onPointerMove={() => setActive(index)}
              onClick={() => run(entry)}
              className={classes("flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 [&_svg]:size-4 [&_svg]:shrink-0", index === active && "bg-hover")}
            >
              <span className="text-faint">{entry.icon}</span>
              <span className="min-w-0 flex-1 truncate">{entry.label}</span>
              {entry.hint ? <span className="shrink-0 text-xs text-faint">{entry.hint}</span> : null}
              {index === active ? <CornerDownLeft className="text-faint" aria-hidden /> : null}
            </div>
          </li>
        ))}
        {entries.length === 0 ? <li className="px-2.5 py-3 text-muted">Nothing found.</li> : null}
      </ul>
    </>
  );
}

/** What the typed text can mean: this page's actions, documents and records found, pages, things to create, a sum. */
function useEntries(typed: string): { readonly entries: readonly Entry[]; readonly searching: boolean } {
  const router = useRouter();
  const navigation = useNavigation();
  const pageCommands = usePageCommands();
  const creatable = useCreatable();
  const { data: hits = [], isFetching, isPlaceholderData, isPending } = useQuery({
    queryKey: ["search", typed],
    queryFn: () => search(typed),
    enabled: typed.length >= SEARCH_FROM,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const entries = useMemo(() => {
    const matches = (label: string, words = "") => `${label} ${words}`.toLowerCase().includes(typed.toLowerCase());
    const go = (href: string) => () => router.push(href);
    const actions = pageCommands
      .filter((command) => matches(command.label))
      .map((command): Entry => ({ key: `do ${command.label}`, group: "This page", label: command.label, icon: <Zap aria-hidden />, run: command.run }));
    const found = (typed.length >= SEARCH_FROM ? hits : []).flatMap((hit): Entry[] => {
      const href = hitHref(hit);
      return href ? [{ key: hit.id, group: "Found", label: hitLabel(hit), hint: humanize(hit.type), icon: <FileText aria-hidden />, run: go(href) }] : [];
    });
    const pages = navigation.flatMap((group) => group.items.map((item) => ({ item, group })))
      .filter(({ item, group }) => matches(item.label, `${item.words ?? ""} ${group.label ?? ""}`))
      .map(({ item, group }): Entry => ({ key: item.href, group: "Go to", label: item.label, hint: group.label ?? undefined, icon: <item.icon aria-hidden />, run: go(item.href) }));
    const creations = creatable.filter((type) => matches(`create new ${type.singular}`)).map(
      (type): Entry => ({ key: `new ${type.code}`, group: "Create", label: `New ${type.singular.toLowerCase()}`, icon: <Plus aria-hidden />, run: go(newHref(type)) }),
    );
    const result = /[-+*/]/.test(typed) ? evaluate(typed) : null;
    const sums: Entry[] =
      result === null || result === typed
        ? []
        : [{ key: "sum", group: "Calculator", label: `${typed} = ${result}`, hint: "copy", icon: <span aria-hidden>=</span>, run: () => void navigator.clipboard.writeText(result) }];
    return [...sums, ...actions, ...found, ...pages, ...creations];
  }, [typed, hits, pageCommands, creatable, navigation, router]);
  return { entries, searching: isFetching && (isPlaceholderData || isPending) };
}
