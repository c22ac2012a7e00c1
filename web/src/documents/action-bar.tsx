import { EllipsisVertical, Pencil } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useMemo, useState } from "react";
import { useMay } from "@/api/permissions";
import type { ActionOffer, BusinessDocument, Offers } from "@/api/types";
import { useOfferCommands } from "@/shell/page-commands";
import { useShortcuts } from "@/shell/shortcuts";
import { Button, IconButton } from "@/ui/button";
import { Menu, MenuItem, MenuLabel } from "@/ui/menu";
import { ActionDialog } from "./action-dialog";
import { beginHref, editHref, isAmended, permissionTo, type Successor, successorsOf } from "./registry";
import type { DocumentType } from "./types/shape";
import { useActions } from "./use-document";

interface ActionBarProps {
  readonly type: DocumentType;
  readonly document: BusinessDocument;
}

const NO_OFFERS: Pick<Offers, "data"> = { data: [] };
const FORWARD: readonly string[] = ["approve", "post", "submit", "release-block"];

/** What can be done now; what cannot stays in the menu and says why. */
export function ActionBar({ type, document }: ActionBarProps) {
  const router = useRouter();
  const may = useMay();
  const { data: { data: offers } = NO_OFFERS } = useActions(document.id);
  const [chosen, setChosen] = useState<ActionOffer | null>(null);
  const primary = FORWARD.map((action) => offers.find((offer) => offer.action === action && offer.allowed)).find(Boolean);
  const amends = isAmended(type, document);
  const editable = amends ? may(permissionTo("amend", type)) : document.phase === "draft" && !type.final && may(permissionTo("update", type));
  const successors = useMemo(
    () => (document.phase === "active" ? successorsOf(document).filter((successor) => may(permissionTo("create", successor.type))) : []),
    [document, may],
  );
  const begin = useCallback(({ type: next }: Successor) => router.push(beginHref(next, type.code, document.id)), [router, type, document.id]);
  const open = (...actions: string[]) => {
    const offer = offers.find((candidate) => actions.includes(candidate.action) && candidate.allowed);
    if (offer) setChosen(offer);
  };
  useShortcuts({
    e: () => editable && router.push(editHref(type, document.id)),
    s: () => open("submit", "post"),
    a: () => open("approve"),
    n: () => successors[0] && begin(successors[0]),
  });
  useOfferCommands(
    useMemo(
      () => [
        ...offers.filter((offer) => offer.allowed).map((offer) => ({ label: offer.label, run: () => setChosen(offer) })),
        ...successors.map((successor) => ({ label: successor.label, run: () => begin(successor) })),
      ],
      [offers, successors, begin],
    ),
  );
  return (
    <>
      {editable ? (
        <Button asChild>
          <Link href={editHref(type, document.id)}>
            <Pencil aria-hidden />
            {amends ? "Amend" : "Edit"}
          </Link>
        </Button>
      ) : null}
      {successors.map(({ type: successor, label }, index) => (
        <Button key={successor.code} variant={primary || index > 0 ? "secondary" : "primary"} asChild>
          <Link href={beginHref(successor, type.code, document.id)}>{label}</Link>
        </Button>
      ))}
      {primary ? (
        <Button variant="primary" onClick={() => setChosen(primary)}>
          {primary.label}
        </Button>
      ) : null}
      {offers.length > 0 ? (
        <Menu
          trigger={
            <IconButton label="More actions" variant="secondary">
              <EllipsisVertical />
            </IconButton>
          }
        >
          <MenuLabel>Actions</MenuLabel>
          {offers.toSorted((a, b) => Number(b.allowed) - Number(a.allowed)).map((offer) => (
            <MenuItem key={offer.action} disabled={!offer.allowed} hint={offer.reason ?? undefined} onSelect={() => setChosen(offer)}>
              {offer.label}
              {offer.approvals_needed > 1 ? ` (${offer.approvals_given} of ${offer.approvals_needed})` : ""}
            </MenuItem>
          ))}
        </Menu>
      ) : null}
      {chosen ? (
        <ActionDialog collection={type.collection} document={document} offer={chosen} onClose={() => setChosen(null)} />
      ) : null}
    </>
  );
}
