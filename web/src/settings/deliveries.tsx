"use client";

import { useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import Link from "next/link";
import { replayDelivery } from "@/api/settings";
import type { Row } from "@/api/types";
import { documentHref, typeOf } from "@/documents/registry";
import { humanize } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Age } from "@/ui/figures";
import { ToggleChips } from "@/ui/filter-bar";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { toast } from "@/ui/toast";

interface Delivery extends Row {
  readonly event: { readonly type: string };
  readonly subject: { readonly type: string; readonly id: string; readonly number: string | null };
  readonly state: string;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: string;
}

const TONES: Readonly<Record<string, Tone>> = { delivered: "positive", dead: "negative", due: "warning", sending: "accent", waiting: "neutral" };
const STATES = Object.keys(TONES).map((state) => ({ value: state, label: humanize(state) }));

/** What was sent to whom and what came back; anything that has ended can be sent again. */
export function DeliveriesPage() {
  const [params, update] = useUrlState();
  const queries = useQueryClient();
  const state = params.get("state");
  const replay = async (delivery: Delivery) => {
    try {
      await replayDelivery(delivery.id);
      toast.done(`${delivery.event.type} is sent again`);
      await queries.invalidateQueries({ queryKey: ["list", "webhooks/deliveries"] });
    } catch (error) {
      toast.failed(error);
    }
  };
  return (
    <>
      <PageHeader title="Deliveries" crumb={{ href: "/settings/webhooks/", label: "Webhooks" }} />
      <div className="panel overflow-hidden">
        <div className="border-b border-line px-3 py-2">
          <ToggleChips label="State" options={STATES} chosen={state ? [state] : []} onChosen={(chosen) => update({ state: chosen.at(-1) ?? null })} />
        </div>
        <PagedList<Delivery>
          label="Deliveries"
          collection="webhooks/deliveries"
          query={{ where: state ? { state } : {} }}
          columns={columnsOf(replay)}
          empty={
            <EmptyState title={state ? "Nothing matches" : "Nothing has been delivered yet"}>
              {state ? "No delivery is in this state." : "As soon as an endpoint exists, every event that it asks for is listed here."}
            </EmptyState>
          }
        />
      </div>
    </>
  );
}

const columnsOf = (replay: (delivery: Delivery) => Promise<void>): Column<Delivery>[] => [
  { key: "event", header: "Event", narrow: "title", cell: ({ event }) => <code className="font-mono text-xs">{event.type}</code> },
  {
    key: "subject",
    header: "Of",
    narrow: "detail",
    cell: ({ subject }) =>
      typeOf(subject.type) ? (
        <Link className="link" href={documentHref(subject.type, subject.id)}>
          {subject.number ?? "Draft"}
        </Link>
      ) : (
        <span>{humanize(subject.type)}</span>
      ),
  },
  { key: "state", header: "State", narrow: "detail", cell: ({ state }) => <Badge tone={TONES[state] ?? "neutral"}>{humanize(state)}</Badge> },
  {
    key: "answer",
    header: "Answer",
    cell: ({ last_status: status, last_error: error, attempts }) => (
      <span>
        {error ?? status ?? "–"}
        {attempts > 1 ? <span className="ml-2 text-xs text-muted">{attempts} attempts</span> : null}
      </span>
    ),
  },
  { key: "created_at", header: "When", narrow: "detail", cell: ({ created_at: at }) => <Age instant={at} /> },
  {
    key: "replay",
    header: "",
    narrow: "end",
    align: "end",
    cell: (delivery) =>
      delivery.state === "delivered" || delivery.state === "dead" ? (
        <Button size="small" icon={<RotateCw aria-hidden />} aria-label={`Send ${delivery.event.type} again`} onClick={() => void replay(delivery)}>
          Replay
        </Button>
      ) : null,
  },
];
