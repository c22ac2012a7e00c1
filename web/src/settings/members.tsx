"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useCallback, useState } from "react";
import { fieldError } from "@/api/errors";
import { useMay } from "@/api/permissions";
import { patchRow } from "@/api/resources";
import type { Row } from "@/api/types";
import { useChosen } from "@/api/use-chosen";
import { humanize } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { useShortcuts } from "@/shell/shortcuts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Field } from "@/ui/field";
import { DateText } from "@/ui/figures";
import { FilterBar } from "@/ui/filter-bar";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { toast } from "@/ui/toast";
import { InvitationFields, useInvitation } from "./invitation";
import { RoleChoices } from "./role-choices";
import { isScoped, ScopeChoices } from "./scope-choices";

interface Member extends Row {
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly string[];
  /** Ids of the companies that the roles hold for; null is all of them. */
  readonly companies: readonly string[] | null;
  readonly active: boolean;
  readonly version: number;
}

/** Who may enter this organization, and as what. */
export function MembersPage() {
  const [params, update] = useUrlState();
  const [inviting, setInviting] = useState(false);
  const [q, sort] = [params.get("q"), params.get("sort")];
  const onQ = useCallback((typed: string) => update({ q: typed || null }), [update]);
  const mayInvite = useMay()("access.member.create");
  useShortcuts(mayInvite ? { c: () => setInviting(true) } : {});
  const member = useChosen<Member>("access/members");
  return (
    <>
      <PageHeader
        title="Members"
        actions={
          mayInvite ? (
            <Button variant="primary" icon={<Plus aria-hidden />} onClick={() => setInviting(true)}>
              Invite
            </Button>
          ) : null
        }
      />
      <div className="panel overflow-hidden">
        <FilterBar q={q ?? ""} onQ={onQ} placeholder="Filter members" />
        <PagedList
          label="Members"
          collection="access/members"
          query={{ ...(q ? { q } : {}), sort: sort ?? "name" }}
          columns={COLUMNS}
          href={(row) => `/settings/members/?id=${row.id}`}
          onSort={(next) => update({ sort: next })}
          empty={
            <EmptyState title="Nobody matches" action={<Button onClick={() => update({ q: null })}>Clear the filter</Button>}>
              No member fits “{q}”.
            </EmptyState>
          }
        />
      </div>
      {inviting ? <Invite onClose={() => setInviting(false)} /> : null}
      {member ? <MemberDialog key={member.id} member={member} onClose={() => update({ id: null })} /> : null}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { key: "name", header: "Name", sort: "name", narrow: "title", cell: (row) => String(row.name) },
  { key: "email", header: "Email", sort: "email", narrow: "detail", cell: (row) => (row.kind === "machine" ? "API key" : String(row.email ?? "–")) },
  {
    key: "roles",
    header: "Roles",
    narrow: "detail",
    cell: (row) => String(row.roles ?? "").split(/,\s*/).map(humanize).join(", "),
  },
  {
    key: "active",
    header: "Status",
    narrow: "end",
    cell: (row) => <Badge tone={row.active ? "positive" : "neutral"}>{row.active ? "Active" : "Disabled"}</Badge>,
  },
  { key: "created_at", header: "Since", sort: "created_at", cell: (row) => <DateText date={row.created_at} /> },
];

function Invite({ onClose }: { readonly onClose: () => void }) {
  const invitation = useInvitation([]);
  const run = async () => {
    await invitation.send();
    onClose();
  };
  return (
    <FormDialog title="Invite a member" label="Invite" disabled={!invitation.complete} run={run} onClose={onClose}>
      {(error) => <InvitationFields invitation={invitation} error={error} />}
    </FormDialog>
  );
}

function MemberDialog({ member, onClose }: { readonly member: Member; readonly onClose: () => void }) {
  const [name, setName] = useState(member.name);
  const [roles, setRoles] = useState(member.roles);
  const [companies, setCompanies] = useState(member.companies);
  const mayChange = useMay()("access.member.update");
  const queries = useQueryClient();
  const change = async (changes: object) => {
    await patchRow("access/members", member.id, changes, { version: member.version });
    await queries.invalidateQueries();
    toast.done(`${name} changed`);
    onClose();
  };
  return (
    <FormDialog
      title={member.name}
      description={member.email ?? "A program with an API key"}
      label="Save"
      disabled={roles.length === 0 || !isScoped(companies)}
      readOnly={!mayChange}
      run={() => change({ name, roles, scopes: { companies } })}
      onClose={onClose}
      more={
        <Button variant={member.active ? "danger" : "secondary"} onClick={() => void change({ active: !member.active }).catch(toast.failed)}>
          {member.active ? "Disable" : "Enable"}
        </Button>
      }
    >
      {(error) => (
        <>
          <Field label="Name" required error={fieldError(error, "/name")}>
            {(control) => <Input {...control} required autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <RoleChoices chosen={roles} onChosen={setRoles} />
          <ScopeChoices chosen={companies} onChosen={setCompanies} />
        </>
      )}
    </FormDialog>
  );
}
