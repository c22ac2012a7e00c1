import Link from "next/link";
import type { DocumentLink } from "@/api/types";
import { humanize } from "@/lib/format";
import { PhaseBadge } from "@/ui/badge";
import { documentHref, typeOf } from "./registry";

/** The chain that this document is part of: where it comes from and what came of it. */
export function Links({ links }: { readonly links: readonly DocumentLink[] }) {
  if (links.length === 0) return <p className="text-muted">Nothing is linked with this document yet.</p>;
  return (
    <div className="flex flex-col gap-4">
      <LinkList title="Comes from" links={links.filter((link) => link.direction === "to")} />
      <LinkList title="Led to" links={links.filter((link) => link.direction === "from")} />
    </div>
  );
}

function LinkList({ title, links }: { readonly title: string; readonly links: readonly DocumentLink[] }) {
  if (links.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 text-xs font-semibold text-muted">{title}</h3>
      <ul>
        {links.map((link) => (
          <li key={`${link.kind}${link.document}`} className="flex flex-wrap items-center gap-x-3 border-b border-line py-1.5">
            <Link className="link font-medium" href={documentHref(link.type, link.document)}>
              {link.number ?? "Draft"}
            </Link>
            <span className="text-muted">{typeOf(link.type)?.singular ?? humanize(link.type)}</span>
            <PhaseBadge phase={link.phase} />
            <span className="ml-auto text-xs text-faint">{humanize(link.kind).toLowerCase()}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
