import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { getChain } from "@/api/documents";
import type { Chain } from "@/api/types";
import { classes } from "@/lib/classes";
import { humanize } from "@/lib/format";
import { PhaseBadge } from "@/ui/badge";
import { DateText, Money } from "@/ui/figures";
import { ErrorState, LoadingRows } from "@/ui/states";
import { documentHref, stateLabel, typeOf } from "./registry";

type ChainDocument = Chain["documents"][number];

/** The whole chain that this document is part of, from the first request to the last payment, step by step. */
export function Links({ id }: { readonly id: string }) {
  const { data, error, isPending } = useQuery({ queryKey: ["document", id, "links"], queryFn: () => getChain(id) });
  if (isPending) return <LoadingRows rows={3} />;
  if (error) return <ErrorState error={error} />;
  if (data.documents.length < 2) return <p className="text-muted">Nothing is linked with this document yet.</p>;
  return (
    <ol className="flex gap-3 overflow-x-auto pb-1" tabIndex={0} aria-label="Chain of documents">
      {stepsOf(data).map((documents, step) => (
        <li key={step} className="flex min-w-52 flex-1 flex-col gap-2">
          {documents.map((document) => (
            <Card key={document.id} document={document} here={document.id === id} />
          ))}
        </li>
      ))}
    </ol>
  );
}

const Card = ({ document, here }: { readonly document: ChainDocument; readonly here: boolean }) => (
  <Link
    href={documentHref(document.type, document.id)}
    aria-current={here ? "page" : undefined}
    className={classes("rounded-md border px-3 py-2 hover:bg-hover", here ? "border-accent bg-accent-soft" : "border-line")}
  >
    <span className="block text-2xs text-muted">{typeOf(document.type)?.singular ?? humanize(document.type)}</span>
    <span className="flex items-center justify-between gap-2 font-medium">
      {document.number ?? "Draft"}
      <PhaseBadge phase={document.phase} state={stateLabel(document.type, document.state, document.phase)} />
    </span>
    <span className="flex justify-between gap-2 text-xs text-muted">
      <DateText date={document.date} />
      <Money amount={document.total} currency={document.currency} />
    </span>
  </Link>
);

/** Documents by how far they are from a beginning: a link leads from the later document to the one it builds upon. */
function stepsOf({ documents, links }: Chain): ChainDocument[][] {
  const step = new Map(documents.map((document) => [document.id, 0]));
  for (let round = 0; round < documents.length; round += 1) {
    const before = [...step.values()].join();
    for (const { source, target } of links) step.set(source, Math.max(step.get(source) ?? 0, (step.get(target) ?? 0) + 1));
    if ([...step.values()].join() === before) break;
  }
  const last = Math.max(...step.values());
  return Array.from({ length: last + 1 }, (_, at) => documents.filter((document) => step.get(document.id) === at));
}
