"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { useMay } from "@/api/permissions";
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from "@/api/settings";
import { useShortcuts } from "@/shell/shortcuts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { Age, DateText } from "@/ui/figures";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { SecretOnce } from "@/ui/secret";
import { EmptyState, ErrorState, LoadingRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { RoleChoices } from "./role-choices";
import { isScoped, ScopeChoices } from "./scope-choices";

const LIST = ["api-keys"];

/** Keys by which programs enter, each with roles of its own. */
export function ApiKeysPage() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: LIST, queryFn: listApiKeys });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const may = useMay();
  const mayCreate = may("access.api_key.create");
  useShortcuts(mayCreate ? { c: () => setCreating(true) } : {});
  const create = mayCreate ? (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
      New API key
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="API keys" actions={create} />
      <div className="panel overflow-hidden">
        {isPending ? <LoadingRows label="Loading API keys" /> : null}
        {error ? <ErrorState error={error} onRetry={() => void refetch()} /> : null}
        {data && data.length > 0 ? <DataTable label="API keys" columns={columnsOf(may("access.api_key.revoke") ? setRevoking : null)} rows={data} rowKey={(key) => key.id} href={(key) => `/settings/members/?id=${key.principal_id}`} keys /> : null}
        {data?.length === 0 ? (
          <EmptyState title="No API keys yet" action={create}>
            A program that works with this organization enters with a key of its own, which can be revoked alone.
          </EmptyState>
        ) : null}
      </div>
      {creating ? (
        <NewKey
          onCreated={(key) => {
            setCreating(false);
            setSecret(key);
          }}
          onClose={() => setCreating(false)}
        />
      ) : null}
      {revoking ? <Revoke apiKey={revoking} onClose={() => setRevoking(null)} /> : null}
      {secret ? <SecretOnce title="The new API key" secret={secret} onClose={() => setSecret(null)} /> : null}
    </>
  );
}

const columnsOf = (revoke: ((key: ApiKey) => void) | null): Column<ApiKey>[] => [
  { key: "name", header: "Name", narrow: "title", cell: (key) => key.name },
  { key: "prefix", header: "Begins with", narrow: "detail", cell: (key) => <code className="font-mono text-xs">bzk_{key.prefix}…</code> },
  { key: "created_at", header: "Created", narrow: "detail", cell: (key) => <DateText date={key.created_at} /> },
  { key: "last_used_at", header: "Last used", cell: (key) => (key.last_used_at ? <Age instant={key.last_used_at} /> : <span className="text-faint">never</span>) },
  {
    key: "revoked_at",
    header: "Status",
    narrow: "end",
    align: "end",
    cell: (key) =>
      key.revoked_at ? (
        <Badge tone="neutral">Revoked</Badge>
      ) : revoke === null ? (
        <Badge tone="positive">Active</Badge>
      ) : (
        <Button size="small" className="relative z-1" aria-label={`Revoke ${key.name}`} onClick={() => revoke(key)}>
          Revoke
        </Button>
      ),
  },
];

function NewKey({ onCreated, onClose }: { readonly onCreated: (key: string) => void; readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<readonly string[]>([]);
  const [companies, setCompanies] = useState<readonly string[] | null>(null);
  const queries = useQueryClient();
  const run = async () => {
    const { key } = await createApiKey(name, roles, companies);
    await queries.invalidateQueries({ queryKey: LIST });
    if (key) onCreated(key);
  };
  return (
    <FormDialog title="New API key" label="Create" disabled={roles.length === 0 || !isScoped(companies)} run={run} onClose={onClose}>
      {(error) => (
        <>
          <Field label="Name" required hint="The program that will use it" error={fieldError(error, "/name")}>
            {(control) => <Input {...control} required autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <RoleChoices chosen={roles} onChosen={setRoles} />
          <ScopeChoices chosen={companies} onChosen={setCompanies} />
        </>
      )}
    </FormDialog>
  );
}

function Revoke({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const run = async () => {
    await revokeApiKey(apiKey.id);
    await queries.invalidateQueries({ queryKey: LIST });
    toast.done(`${apiKey.name} is revoked`);
    onClose();
  };
  return (
    <FormDialog title={`Revoke ${apiKey.name}`} label="Revoke" danger run={run} onClose={onClose}>
      {() => <p>The program that uses it is refused from now on. This cannot be undone.</p>}
    </FormDialog>
  );
}
