"use client";

import { CircleHelp, Menu as MenuIcon, Plus, Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { newHref } from "@/documents/registry";
import { IconButton } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { Menu, MenuItem } from "@/ui/menu";
import { useCreatable } from "./creatable";
import { CommandPalette } from "./command-palette";
import { ShortcutHelp } from "./shortcut-help";
import { useShortcuts } from "./shortcuts";
import { Sidebar } from "./sidebar";
import { UserMenu } from "./user-menu";

export function Shell({ children }: { readonly children: ReactNode }) {
  const router = useRouter();
  const pathname = usePathname();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const creatable = useCreatable();
  useEffect(() => setDrawer(false), [pathname]);
  useShortcuts({
    "mod+k": () => setPalette(true),
    "?": () => setHelp(true),
    "g h": () => router.push("/"),
    "g a": () => router.push("/approvals/"),
    "g r": () => router.push("/procurement/requisitions/"),
    "g o": () => router.push("/procurement/purchase-orders/"),
    "g i": () => router.push("/billing/supplier-invoices/"),
    "g p": () => router.push("/billing/payments/"),
  });
  return (
    <div className="flex min-h-dvh">
      <a href="#main" className="fixed top-2 left-2 z-60 -translate-y-16 rounded-md bg-accent-fill px-3 py-1.5 text-on-accent focus:translate-y-0">
        Skip to content
      </a>
      <aside data-print="none" className="sticky top-0 hidden h-dvh w-56 shrink-0 border-r border-line bg-canvas lg:block">
        <Sidebar />
      </aside>
      <Dialog.Root open={drawer} onOpenChange={setDrawer}>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim lg:hidden" />
          <Dialog.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 left-0 z-50 w-72 max-w-[85vw] border-r border-line bg-canvas shadow-float lg:hidden"
          >
            <Dialog.Title className="sr-only">Navigation</Dialog.Title>
            <Sidebar onNavigate={() => setDrawer(false)} />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      <div className="flex min-w-0 flex-1 flex-col">
        <header data-print="none" className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-canvas px-3 sm:px-5">
          <IconButton label="Navigation" className="lg:hidden" onClick={() => setDrawer(true)}>
            <MenuIcon />
          </IconButton>
          <button
            type="button"
            onClick={() => setPalette(true)}
            className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-left text-faint hover:border-edge sm:max-w-md"
          >
            <Search className="size-4 shrink-0" aria-hidden />
            <span className="min-w-0 flex-1 truncate">Search or jump to…</span>
            <span className="hidden gap-0.5 sm:flex">
              <Kbd>⌘</Kbd>
              <Kbd>K</Kbd>
            </span>
          </button>
          <div className="ml-auto flex items-center gap-1">
            {creatable.length > 0 ? (
              <Menu
                trigger={
                  <IconButton label="Create" variant="secondary">
                    <Plus />
                  </IconButton>
                }
              >
                {creatable.map((type) => (
                  <MenuItem key={type.code} onSelect={() => router.push(newHref(type))}>
                    {type.singular}
                  </MenuItem>
                ))}
              </Menu>
            ) : null}
            <IconButton label="Keyboard shortcuts" className="hidden sm:inline-flex" onClick={() => setHelp(true)}>
              <CircleHelp />
            </IconButton>
            <UserMenu />
          </div>
        </header>
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 px-3 py-4 outline-none sm:px-5 sm:py-5">
          {children}
        </main>
      </div>
      <CommandPalette open={palette} onOpenChange={setPalette} />
      <ShortcutHelp open={help} onOpenChange={setHelp} />
    </div>
  );
}
