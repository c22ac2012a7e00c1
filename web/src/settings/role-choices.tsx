import { useQuery } from "@tanstack/react-query";
import { listAll } from "@/api/resources";
import type { Row } from "@/api/types";
import { humanize } from "@/lib/format";

interface RoleRow extends Row {
  readonly code: string;
  readonly name: string;
}

interface RoleChoicesProps {
  readonly chosen: readonly string[];
  readonly onChosen: (chosen: readonly string[]) => void;
}

export function RoleChoices({ chosen, onChosen }: RoleChoicesProps) {
  const { data: roles = [] } = useQuery({
    queryKey: ["roles"],
    queryFn: () => listAll<RoleRow>("access/roles", { sort: "name" }),
    staleTime: 60_000,
  });
  return (
    <fieldset>
      <legend className="mb-1 text-xs font-medium text-muted">Roles</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-1">
        {roles.map((role) => (
          <label key={role.code} className="flex min-h-6 items-center gap-1.5">
            <input
              type="checkbox"
              className="size-4"
              checked={chosen.includes(role.code)}
              onChange={(event) => onChosen(event.target.checked ? [...chosen, role.code] : chosen.filter((code) => code !== role.code))}
            />
            {role.name || humanize(role.code)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
