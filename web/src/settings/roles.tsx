"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { fieldError } from "@/api/errors";
import { useMay } from "@/api/permissions";
import { createRow, patchRow } from "@/api/resources";
import type { Row } from "@/api/types";
import { useChosen } from "@/api/use-chosen";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input, Textarea } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { toast } from "@/ui/toast";

interface Role extends Row {
  readonly code: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly members: number;
  readonly version: number;
}

/** What each role permits; members hold any number of them. */
export function RolesPage() {
  const [params, update] = useUrlState();
  const [creating, setCreating] = useState(false);
  const sort = params.get("sort");
  const mayCreate = useMay()("access.role.create");
  useShortcuts(mayCreate ? { c: () => setCreating(true) } : {});
  const role = useChosen<Role>("access/roles");
  const create = mayCreate ? (
    <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setCreating(true)}>
      New role
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="Roles" actions={create} />
      <div className="panel overflow-hidden">
        <PagedList
          label="Roles"
          collection="access/roles"
          query={{ sort: sort ?? "name" }}
          columns={COLUMNS}
          href={(row) => `/settings/roles/?id=${row.id}`}
          onSort={(next) => update({ sort: next })}
          empty={<EmptyState title="No roles" action={create} />}
        />
      </div>
      {creating ? <RoleDialog role={null} onClose={() => setCreating(false)} /> : null}
      {role ? <RoleDialog key={role.id} role={role} onClose={() => update({ id: null })} /> : null}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { key: "name", header: "Name", sort: "name", narrow: "title", cell: (row) => String(row.name) },
  { key: "code", header: "Code", sort: "code", narrow: "detail", cell: (row) => <span className="font-mono text-xs">{String(row.code)}</span> },
  { key: "shipped", header: "Origin", narrow: "end", cell: (row) => <Badge>{row.shipped ? "Shipped" : "Own"}</Badge> },
];

function RoleDialog({ role, onClose }: { readonly role: Role | null; readonly onClose: () => void }) {
  const [code, setCode] = useState("");
  const [name, setName] = useState(role?.name ?? "");
  const [permissions, setPermissions] = useState(role?.permissions.join("\n") ?? "");
  const mayChange = useMay()(role ? "access.role.update" : "access.role.create");
  const queries = useQueryClient();
  const run = async () => {
    const given = { name, permissions: permissions.split(/\s+/).filter(Boolean) };
    if (role) await patchRow("access/roles", role.id, given, { version: role.version });
    else await createRow("access/roles", { code, ...given });
    await queries.invalidateQueries();
    toast.done(`${name} saved`);
    onClose();
  };
  return (
    <FormDialog
      title={role ? role.name : "New role"}
      {...(role ? { description: role.members === 1 ? "One member has it" : `${role.members} members have it` } : {})}
      label="Save"
      readOnly={!mayChange}
      run={run}
      onClose={onClose}
    >
      {(error) => (
        <>
          {role ? null : (
            <Field label="Code" required error={fieldError(error, "/code")} hint="Small letters, such as head_of_purchasing">
              {(control) => <Input {...control} required autoFocus value={code} onChange={(event) => setCode(event.target.value)} />}
            </Field>
          )}
          <Field label="Name" required error={fieldError(error, "/name")}>
            {(control) => <Input {...control} required autoFocus={role !== null} value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field label="Permissions" required error={fieldError(error, "/permissions")} hint="One a line; * stands for any part, as in procurement.purchase_order.*">
            {(control) => (
              <Textarea
                {...control}
                required
                rows={12}
                spellCheck={false}
                className="font-mono text-xs"
                value={permissions}
                onChange={(event) => setPermissions(event.target.value)}
              />
            )}
          </Field>
        </>
      )}
    </FormDialog>
  );
}
