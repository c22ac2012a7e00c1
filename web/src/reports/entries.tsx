"use client";

import Link from "next/link";
import { useDocumentEntries } from "@/api/reports";
import { documentHref, typeOf } from "@/documents/registry";
import { humanize } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/page-header";
import { EmptyState } from "@/ui/states";
import { DocumentEntries } from "./document-entries";

/** The entries of one document, between an account's postings and the document itself. */
export function EntriesPage() {
  const [params] = useUrlState();
  const id = params.get("document") ?? "";
  const { data } = useDocumentEntries(id);
  if (!id) return <EmptyState title="No document chosen">The address names no document. Open an entry from an account.</EmptyState>;
  const number = data?.document_number ?? "a draft";
  return (
    <>
      <PageHeader
        crumb={{ href: "/ledger/journal-entries/", label: "Journal entries" }}
        title={data ? `Entries of ${number}` : "Entries"}
        note={data ? `${typeOf(data.document_type)?.singular ?? humanize(data.document_type)}, amounts in ${data.currency}` : null}
        actions={
          data ? (
            <Button asChild>
              <Link href={documentHref(data.document_type, data.document)}>Open {number}</Link>
            </Button>
          ) : null
        }
      />
      <div className="panel overflow-hidden">
        <DocumentEntries id={id} marked={params.get("entry")} />
      </div>
    </>
  );
}
