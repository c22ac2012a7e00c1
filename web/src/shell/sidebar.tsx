import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { useTaskCount } from "@/api/tasks";
import { classes } from "@/lib/classes";
import { type NavItem, useNavigation } from "./nav";
import { OrganizationSwitch } from "./organization-switch";

export function Sidebar({ onNavigate }: { readonly onNavigate?: () => void }) {
  const navigation = useNavigation();
  const pathname = usePathname();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // By hand, because scrollIntoView would scroll the page as well.
    const list = nav.current?.getBoundingClientRect();
    const link = nav.current?.querySelector("[aria-current=page]")?.getBoundingClientRect();
    if (list && link) nav.current?.scrollBy({ top: Math.min(link.top - list.top, 0) + Math.max(link.bottom - list.bottom, 0) });
  }, [pathname, navigation]);
  return (
    <div className="flex h-full flex-col">
      <div className="p-2">
        <OrganizationSwitch />
      </div>
      <nav ref={nav} aria-label="Main" className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        {navigation.map((group) => (
          <div key={group.label ?? "top"} className="mb-3">
            {group.label ? <h2 className="px-2 pb-1 text-2xs font-medium text-faint">{group.label}</h2> : null}
            <ul>
              {group.items.map((item) => (
                <li key={item.href}>
                  <NavLink item={item} {...(onNavigate ? { onNavigate } : {})} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
    </div>
  );
}

function NavLink({ item, onNavigate }: { readonly item: NavItem; readonly onNavigate?: () => void }) {
  const pathname = usePathname();
  const current = item.href === "/" ? pathname === "/" : pathname.startsWith(item.href);
  const tasks = useTaskCount();
  const Icon = item.icon;
  return (
    <Link
      href={item.href}
      prefetch={false}
      aria-current={current ? "page" : undefined}
      {...(onNavigate ? { onClick: onNavigate } : {})}
      className={classes(
        "flex h-8 scroll-my-6 items-center gap-2 rounded-md px-2 text-muted hover:bg-hover hover:text-ink",
        current && "bg-accent-soft font-medium text-accent hover:bg-accent-soft hover:text-accent",
      )}
    >
      <Icon className="size-4 shrink-0" aria-hidden />
      <span className="min-w-0 flex-1 truncate">{item.label}</span>
      {item.href === "/approvals/" && tasks > 0 ? (
        <span className="rounded-full bg-accent-fill px-1.5 text-2xs font-medium text-on-accent">
          {tasks}
          <span className="sr-only"> waiting</span>
        </span>
      ) : null}
    </Link>
  );
}
