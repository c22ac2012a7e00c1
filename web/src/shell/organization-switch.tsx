import { Check, ChevronsUpDown, Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useOrganizations, useSession } from "@/api/auth";
import { enterOrganization } from "@/api/client";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { NewOrganization } from "./new-organization";

export function OrganizationSwitch() {
  const { organization } = useSession();
  const { data: organizations = [] } = useOrganizations();
  const router = useRouter();
  const [founding, setFounding] = useState(false);
  const enter = async (slug: string) => {
    if (slug === organization?.slug) return;
    try {
      await enterOrganization(slug);
      router.push("/");
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button type="button" className="flex h-10 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover">
            <span aria-hidden className="flex size-6 shrink-0 items-center justify-center rounded-md bg-accent-fill text-xs font-semibold text-on-accent">
              {organization?.name.charAt(0).toUpperCase()}
            </span>
            <span className="min-w-0 flex-1 truncate font-semibold">
              {organization?.name}
              <span className="sr-only">, switch organization</span>
            </span>
            <ChevronsUpDown className="size-3.5 shrink-0 text-faint" aria-hidden />
          </button>
        }
      >
        <MenuLabel>Organizations</MenuLabel>
        {organizations.map((other) => (
          <MenuItem
            key={other.id}
            icon={other.slug === organization?.slug ? <Check aria-hidden /> : <span className="size-4" aria-hidden />}
            hint={other.accepted ? other.slug : "You are invited: enter to accept"}
            onSelect={() => void enter(other.slug)}
          >
            {other.name}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem icon={<Plus aria-hidden />} onSelect={() => setFounding(true)}>
          New organization
        </MenuItem>
      </Menu>
      {founding ? (
        <NewOrganization
          onFounded={() => {
            setFounding(false);
            router.push("/");
          }}
          onClose={() => setFounding(false)}
        />
      ) : null}
    </>
  );
}
