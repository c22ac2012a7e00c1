import Link from "next/link";
import { EmptyState } from "@/ui/states";

export default function NotFound() {
  return (
    <main>
      <EmptyState
        title="There is no such page"
        action={
          <Link className="link" href="/">
            Go home
          </Link>
        }
      >
        The address may be mistyped, or the page has moved.
      </EmptyState>
    </main>
  );
}
