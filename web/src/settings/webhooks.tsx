"use client";

import { useQueryClient } from "@tanstack/react-query";
import { History, Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { useMay } from "@/api/permissions";
import { createRow, patchRow } from "@/api/resources";
import { type Endpoint, rotateSecret } from "@/api/settings";
import type { Row } from "@/api/types";
import { useChosen } from "@/api/use-chosen";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { DateText } from "@/ui/figures";
import { FormDialog } from "@/ui/form-dialog";
import { Input, Textarea } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { SecretOnce } from "@/ui/secret";
import { EmptyState } from "@/ui/states";
import { toast } from "@/ui/toast";

const COLLECTION = "webhooks/endpoints";

/** Addresses that are told of events, signed by a secret of their own. */
export function WebhooksPage() {
  const [, update] = useUrlState();
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const mayCreate = useMay()("webhooks.endpoint.create");
  useShortcuts(mayCreate ? { c: () => setCreating(true) } : {});
  const endpoint = useChosen<Endpoint>(COLLECTION);
  const close = () => {
    setCreating(false);
    update({ id: null });
  };
  const onSaved = (saved: Endpoint) => {
    close();
    if (saved.secret) setSecret(saved.secret);
  };
  const create = mayCreate ? (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
      New endpoint
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Webhooks"
        actions={
          <>
            <Button asChild>
              <Link href="/settings/webhooks/deliveries/">
                <History aria-hidden />
                Deliveries
              </Link>
            </Button>
            {create}
          </>
        }
      />
      <div className="panel overflow-hidden">
        <PagedList
          label="Endpoints"
          collection={COLLECTION}
          query={{}}
          columns={COLUMNS}
          href={(row) => `/settings/webhooks/?id=${row.id}`}
          empty={
            <EmptyState title="No endpoints yet" action={create}>
              An endpoint of another system is told of what happens here within seconds, once by its id and in order for each document.
            </EmptyState>
          }
        />
      </div>
      {creating ? <EndpointDialog endpoint={null} onSaved={onSaved} onClose={close} /> : null}
      {endpoint ? <EndpointDialog key={endpoint.id} endpoint={endpoint} onSaved={onSaved} onClose={close} /> : null}
      {secret ? <SecretOnce title="The endpoint's secret" secret={secret} onClose={() => setSecret(null)} /> : null}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { key: "url", header: "Address", narrow: "title", cell: (row) => <span className="break-all">{String(row.url)}</span> },
  { key: "events", header: "Events", narrow: "detail", cell: (row) => <code className="font-mono text-xs">{(row.events as readonly string[]).join(", ")}</code> },
  {
    key: "active",
    header: "Status",
    narrow: "end",
    cell: (row) => <Badge tone={row.active ? "positive" : "warning"}>{row.active ? "Active" : String(row.disabled_reason ?? "Disabled")}</Badge>,
  },
  { key: "created_at", header: "Since", cell: (row) => <DateText date={row.created_at} /> },
];

interface EndpointDialogProps {
  readonly endpoint: Endpoint | null;
  readonly onSaved: (saved: Endpoint) => void;
  readonly onClose: () => void;
}

function EndpointDialog({ endpoint, onSaved, onClose }: EndpointDialogProps) {
  const [url, setUrl] = useState(endpoint?.url ?? "");
  const [events, setEvents] = useState(endpoint?.events.join("\n") ?? "*");
  const mayChange = useMay()(endpoint ? "webhooks.endpoint.change" : "webhooks.endpoint.create");
  const queries = useQueryClient();
  const keep = async (saving: Promise<Endpoint>, done: string) => {
    const saved = await saving;
    await queries.invalidateQueries();
    toast.done(done);
    onSaved(saved);
  };
  const given = { url, events: events.split(/\s+/).filter(Boolean) };
  const change = (changes: object) => patchRow<Endpoint>(COLLECTION, endpoint?.id ?? "", changes, { version: endpoint?.version ?? 0 });
  return (
    <FormDialog
      title={endpoint ? "Endpoint" : "New endpoint"}
      label="Save"
      readOnly={!mayChange}
      run={() => keep(endpoint ? change(given) : createRow<Endpoint>(COLLECTION, given), "Endpoint saved")}
      onClose={onClose}
      more={
        endpoint ? (
          <>
            <Button onClick={() => void keep(change({ active: !endpoint.active }), "Endpoint changed").catch(toast.failed)}>
              {endpoint.active ? "Disable" : "Enable"}
            </Button>
            <Button onClick={() => void keep(rotateSecret(endpoint.id), "The endpoint has a new secret").catch(toast.failed)}>New secret</Button>
          </>
        ) : null
      }
    >
      {(error) => (
        <>
          <Field label="Address" required error={fieldError(error, "/url")} hint="https, reachable from the server">
            {(control) => <Input {...control} type="url" required autoFocus value={url} onChange={(event) => setUrl(event.target.value)} />}
          </Field>
          <Field label="Events" required error={fieldError(error, "/events")} hint="One a line, such as procurement.purchase_order.*; * is every event">
            {(control) => (
              <Textarea {...control} required rows={4} spellCheck={false} className="font-mono text-xs" value={events} onChange={(event) => setEvents(event.target.value)} />
            )}
          </Field>
        </>
      )}
    </FormDialog>
  );
}
