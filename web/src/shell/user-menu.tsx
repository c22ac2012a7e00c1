import { Check, KeyRound, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { signOut, useSession } from "@/api/auth";
import { keptForms } from "@/documents/form/kept";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { PasswordDialog } from "./password-dialog";
import { type Theme, setTheme, useTheme } from "./theme";

const THEMES: readonly (readonly [Theme, string, typeof Sun])[] = [
  ["system", "Like the system", Monitor],
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
];

export function UserMenu() {
  const { user } = useSession();
  const theme = useTheme();
  const router = useRouter();
  const [changing, setChanging] = useState(false);
  const leave = async () => {
    try {
      await signOut();
      keptForms.dropAll();
      router.push("/sign-in/");
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            className="flex size-8 items-center justify-center rounded-full bg-neutral-soft text-xs font-semibold hover:brightness-95"
          >
            <span aria-hidden>{initials(user?.name ?? "")}</span>
            <span className="sr-only">Account of {user?.name}</span>
          </button>
        }
      >
        <MenuLabel>{user?.email}</MenuLabel>
        {THEMES.map(([value, label, Icon]) => (
          <MenuItem key={value} icon={<Icon aria-hidden />} onSelect={() => setTheme(value)}>
            <span className="flex items-center justify-between">
              {label}
              {theme === value ? <Check className="text-accent" aria-label="chosen" /> : null}
            </span>
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem icon={<KeyRound aria-hidden />} onSelect={() => setChanging(true)}>
          Change password
        </MenuItem>
        <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void leave()}>
          Sign out
        </MenuItem>
      </Menu>
      {changing ? <PasswordDialog onClose={() => setChanging(false)} /> : null}
    </>
  );
}

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");
