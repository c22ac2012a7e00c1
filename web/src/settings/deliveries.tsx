"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import { listAll } from "@/api/resources";
import { type Delivery, type Endpoint, replayDelivery } from "@/api/settings";
import { documentHref, typeOf } from "@/documents/registry";
import { humanize } from "@/lib/format";
import { useUrlState } from "@/lib/url-state";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import type { Column } from "@/ui/data-table";
import { Age } from "@/ui/figures";
import { ToggleChips } from "@/ui/filter-bar";
import { Select } from "@/ui/input";
import { PageHeader } from "@/ui/page-header";
import { PagedList } from "@/ui/paged-list";
import { EmptyState } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Attempts } from "./attempts";
import { ReplayRangeDialog } from "./replay-range";

const TONES: Readonly<Record<string, Tone>> = { delivered: "positive", dead: "negative", due: "warning", sending: "accent", waiting: "neutral" };
const STATES = Object.keys(TONES).map((state) => ({ value: state, label: humanize(state) }));

/** What was sent to whom and what came back, attempt by attempt; anything that has ended can be sent again. */
export function DeliveriesPage() {
  const [params, update] = useUrlState();
  const queries = useQueryClient();
  const may = useMay();
  const { data: endpoints = [] } = useQuery({ queryKey: ["endpoints"], queryFn: () => listAll<Endpoint>("webhooks/endpoints") });
  const [shown, setShown] = useState<Delivery | null>(null);
  const [replaying, setReplaying] = useState(false);
  const [state, endpoint] = [params.get("state"), params.get("endpoint")];
  const mayReplay = may("webhooks.delivery.replay");
  const replay = async (delivery: Delivery) => {
    try {
      await replayDelivery(delivery.id);
      toast.done(`${delivery.event.type} is sent again`);
      await queries.invalidateQueries({ queryKey: ["list", "webhooks/deliveries"] });
    } catch (error) {
      toast.failed(error);
    }
  };
  const filtered = Boolean(state ?? endpoint);
  return (
    <>
      <PageHeader
        title="Deliveries"
        crumb={{ href: "/settings/webhooks/", label: "Webhooks" }}
        actions={
          mayReplay && endpoints.length > 0 ? (
            <Button icon={<RotateCw aria-hidden />} onClick={() => setReplaying(true)}>
              Replay a range
            </Button>
          ) : null
        }
      />
      <div className="panel overflow-hidden">
        <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
          {endpoints.length > 1 ? (
            <Select
              aria-label="Endpoint"
              className="border-line sm:w-64"
              placeholder="Every endpoint"
              choices={endpoints.map(({ id, url }) => ({ value: id, label: url }))}
              value={endpoint ?? ""}
              onChange={(event) => update({ endpoint: event.target.value || null })}
            />
          ) : null}
          <ToggleChips label="State" options={STATES} chosen={state ? [state] : []} onChosen={(chosen) => update({ state: chosen.at(-1) ?? null })} />
        </div>
        <PagedList<Delivery>
          label="Deliveries"
          collection="webhooks/deliveries"
          query={{ where: { ...(state ? { state } : {}), ...(endpoint ? { endpoint } : {}) } }}
          columns={columnsOf({
            open: setShown,
            replay: mayReplay ? replay : null,
            url: endpoints.length > 1 && !endpoint ? (id) => endpoints.find((one) => one.id === id)?.url : null,
          })}
          empty={
            <EmptyState title={filtered ? "Nothing matches" : "Nothing has been delivered yet"}>
              {filtered ? "No delivery fits the choices above." : "As soon as an endpoint exists, every event that it asks for is listed here."}
            </EmptyState>
          }
        />
      </div>
      {shown ? <Attempts delivery={shown} url={endpoints.find(({ id }) => id === shown.endpoint)?.url} onClose={() => setShown(null)} /> : null}
      {replaying ? <ReplayRangeDialog endpoints={endpoints} initial={endpoint} onClose={() => setReplaying(false)} /> : null}
    </>
  );
}

interface ColumnsOptions {
  readonly open: (delivery: Delivery) => void;
  /** Null for those who may not. */
  readonly replay: ((delivery: Delivery) => Promise<void>) | null;
  /** The address of an endpoint; null where every row has the same. */
  readonly url: ((endpoint: string) => string | undefined) | null;
}

const columnsOf = ({ open, replay, url }: ColumnsOptions): Column<Delivery>[] => [
  {
    key: "event",
    header: "Event",
    narrow: "title",
    cell: (delivery) => (
      <button type="button" className="quiet-link min-h-6 font-mono text-xs" title="Its attempts" onClick={() => open(delivery)}>
        {delivery.event.type}
      </button>
    ),
  },
  {
    key: "subject",
    header: "Of",
    narrow: "detail",
    cell: ({ subject }) =>
      typeOf(subject.type) ? (
        <Link className="link whitespace-nowrap" href={documentHref(subject.type, subject.id)}>
          {subject.number ?? "Draft"}
        </Link>
      ) : (
        <span className="block max-w-52 truncate">{[humanize(subject.type), subject.number].filter(Boolean).join(" ")}</span>
      ),
  },
  ...(url ? [{ key: "endpoint", header: "To", cell: (delivery: Delivery) => <span className="block max-w-52 truncate text-muted" title={url(delivery.endpoint)}>{url(delivery.endpoint)}</span> }] : []),
  { key: "state", header: "State", narrow: "detail", cell: ({ state }) => <Badge tone={TONES[state] ?? "neutral"}>{humanize(state)}</Badge> },
  {
    key: "answer",
    header: "Answer",
    cell: ({ last_status: status, last_error: error, attempts }) => (
      <span className="flex items-baseline">
        <span className="max-w-64 truncate" title={error ?? undefined}>
          {error ?? status ?? "–"}
        </span>
        {attempts > 1 ? <span className="ml-2 text-xs whitespace-nowrap text-muted">{attempts} attempts</span> : null}
      </span>
    ),
  },
  { key: "created_at", header: "When", narrow: "detail", cell: ({ created_at: at }) => <Age instant={at} /> },
  ...(replay
    ? [
        {
          key: "replay",
          header: "Again",
          narrow: "end" as const,
          align: "end" as const,
          cell: (delivery: Delivery) =>
            delivery.state === "delivered" || delivery.state === "dead" ? (
              <Button size="small" icon={<RotateCw aria-hidden />} aria-label={`Replay ${delivery.event.type}`} onClick={() => void replay(delivery)}>
                Replay
              </Button>
            ) : null,
        },
      ]
    : []),
];
