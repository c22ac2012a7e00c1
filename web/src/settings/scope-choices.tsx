import { useMe } from "@/api/me";

interface ScopeChoicesProps {
  /** Ids of companies; null is all of them, those to come included. */
  readonly chosen: readonly string[] | null;
  readonly onChosen: (chosen: readonly string[] | null) => void;
}

/** Which companies the roles hold for; nothing to choose where there is one. */
export function ScopeChoices({ chosen, onChosen }: ScopeChoicesProps) {
  const { data: me } = useMe();
  const companies = me?.companies ?? [];
  if (companies.length < 2 && chosen === null) return null;
  const toggle = (id: string, on: boolean) => onChosen(on ? [...(chosen ?? []), id] : (chosen ?? []).filter((other) => other !== id));
  return (
    <fieldset>
      <legend className="mb-1 text-xs font-medium text-muted">Companies</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-1">
        <label className="flex min-h-6 items-center gap-1.5">
          <input type="checkbox" className="size-4" checked={chosen === null} onChange={(event) => onChosen(event.target.checked ? null : [])} />
          All of them
        </label>
        {companies.map(({ id, name }) => (
          <label key={id} className="flex min-h-6 items-center gap-1.5">
            <input
              type="checkbox"
              className="size-4"
              disabled={chosen === null}
              checked={chosen === null || chosen.includes(id)}
              onChange={(event) => toggle(id, event.target.checked)}
            />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Roles for no company at all would be none. */
export const isScoped = (chosen: readonly string[] | null): boolean => chosen === null || chosen.length > 0;
