import { type VariantProps, cva } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { classes } from "@/lib/classes";

const look = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors " +
    "aria-disabled:opacity-55 disabled:opacity-55 disabled:cursor-not-allowed aria-disabled:cursor-not-allowed [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent-fill text-on-accent not-disabled:hover:bg-accent-fill-hover",
        secondary: "border border-line bg-surface text-ink not-disabled:hover:bg-hover",
        ghost: "text-muted not-disabled:hover:bg-hover not-disabled:hover:text-ink",
        danger: "bg-negative-fill text-white not-disabled:hover:brightness-110",
      },
      size: { small: "h-7 px-2 text-xs", medium: "h-8 px-3 text-sm", large: "h-10 px-4 text-base" },
    },
    defaultVariants: { variant: "secondary", size: "medium" },
  },
);

type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof look> & {
    readonly busy?: boolean;
    readonly icon?: ReactNode;
    /** Renders its only child (a link) with the look of a button. */
    readonly asChild?: boolean;
  };

export function Button({ variant, size, busy, icon, asChild, className, children, disabled, ...rest }: ButtonProps) {
  const looks = classes(look({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={looks} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type="button" className={looks} disabled={disabled || busy} aria-busy={busy || undefined} {...rest}>
      {busy ? <LoaderCircle className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "aria-label" | "children"> &
  VariantProps<typeof look> & { readonly label: string; readonly children: ReactNode };

/** A button of one icon: its label is read aloud and shown on hover. */
export function IconButton({ label, variant = "ghost", size = "medium", className, ...rest }: IconButtonProps) {
  const square = size === "small" ? "w-7 px-0" : "w-8 px-0";
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classes(look({ variant, size }), square, className)}
      {...rest}
    />
  );
}
