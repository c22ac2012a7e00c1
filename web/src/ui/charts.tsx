import Link from "next/link";
import { type ReactNode, useId } from "react";
import { compare, isNegative, share, subtract } from "@/lib/decimal";
import { formatAmount, formatCompact } from "@/lib/format";

export interface Mark {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly href: string;
}

interface ChartProps {
  readonly title: string;
  readonly marks: readonly Mark[];
  readonly currency?: string | undefined;
}

/** Figures of a chart as a table: for screen readers always, for everybody on demand. */
function Figures({ title, marks, currency, children }: ChartProps & { readonly children: ReactNode }) {
  return (
    <figure aria-label={title}>
      {children}
      <details className="mt-2 text-xs">
        <summary className="w-fit text-muted hover:text-ink">Figures</summary>
        <table className="mt-1 w-full">
          <tbody>
            {marks.map((mark) => (
              <tr key={mark.key}>
                <th scope="row" className="py-0.5 text-left font-normal">
                  <Link className="link" href={mark.href}>
                    {mark.label}
                  </Link>
                </th>
                <td className="text-right">{formatAmount(mark.value, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

const largest = (marks: readonly Mark[]): string =>
  marks.reduce((most, mark) => (compare(absolute(mark.value), most) > 0 ? absolute(mark.value) : most), "0");

const absolute = (value: string): string => value.replace(/^-/, "");

const HEIGHT = 120;
const SLOT = 48;
const BAR = 28;
const LABEL_SPACE = 32;

/** Upright bars, one link each. */
export function BarChart(props: ChartProps) {
  const { marks, currency, title } = props;
  const top = largest(marks);
  const width = Math.max(marks.length, 1) * SLOT;
  return (
    <Figures {...props}>
      <svg viewBox={`0 0 ${width} ${HEIGHT + LABEL_SPACE}`} className="max-h-44 w-full" role="group" aria-label={title}>
        <line x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} stroke="var(--line)" />
        {marks.map((mark, index) => {
          const height = Math.max(share(absolute(mark.value), top) * (HEIGHT - 20), 2);
          const x = index * SLOT + (SLOT - BAR) / 2;
          return (
            <Link key={mark.key} href={mark.href}>
              <title>{`${mark.label}: ${formatAmount(mark.value, currency)}`}</title>
              <rect x={index * SLOT} y={0} width={SLOT} height={HEIGHT + LABEL_SPACE} fill="transparent" />
              <rect
                x={x}
                y={HEIGHT - height}
                width={BAR}
                height={height}
                rx={2}
                fill={isNegative(mark.value) ? "var(--chart-4)" : "var(--chart-1)"}
              />
              <text x={x + BAR / 2} y={HEIGHT - height - 5} textAnchor="middle" fontSize={9} fill="var(--ink)">
                {formatCompact(mark.value)}
              </text>
              <text x={x + BAR / 2} y={HEIGHT + 14} textAnchor="middle" fontSize={9} fill="var(--muted)">
                {mark.label}
              </text>
            </Link>
          );
        })}
      </svg>
    </Figures>
  );
}

/** Lying bars with their names and figures in words: for a few parties or accounts, most first. */
export function BarList({ title, marks, currency }: ChartProps) {
  const top = largest(marks);
  return (
    <ul aria-label={title}>
      {marks.map((mark) => (
        <li key={mark.key}>
          <Link href={mark.href} className="group grid grid-cols-[minmax(0,3fr)_minmax(0,2fr)_auto] sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] items-center gap-3 rounded-md py-1 hover:bg-hover">
            <span className="truncate group-hover:text-accent">{mark.label}</span>
            <svg viewBox="0 0 100 8" preserveAspectRatio="none" className="h-2.5 w-full" aria-hidden>
              <rect
                width={Math.max(share(absolute(mark.value), top) * 100, 0.5)}
                height={8}
                fill={isNegative(mark.value) ? "var(--chart-4)" : "var(--chart-1)"}
              />
            </svg>
            <span className="text-right">{formatAmount(mark.value, currency)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

export interface Part {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly colour: string;
}

interface BurnTrackProps {
  readonly whole: string;
  readonly parts: readonly Part[];
}

/** What the parts take of a whole, side by side; the text around it tells the same. */
export function BurnTrack({ whole, parts }: BurnTrackProps) {
  let start = 0;
  return (
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" className="h-2 w-full overflow-hidden rounded-full" aria-hidden>
      <rect width={100} height={6} fill="var(--chart-rest)" />
      {parts.map((part) => {
        const width = share(part.value, whole) * 100;
        const x = start;
        start += width;
        return <rect key={part.key} x={x} width={width} height={6} fill={part.colour} />;
      })}
    </svg>
  );
}

/** The parts of a bar by colour, with their figures where they are given. */
export const Legend = ({ parts, id }: { readonly parts: readonly (Omit<Part, "value"> & { readonly value?: string })[]; readonly id?: string }) => (
  <span id={id} className="flex flex-wrap gap-x-3 text-2xs text-muted">
    {parts.map((part) => (
      <span key={part.key} className="flex items-center gap-1">
        <span aria-hidden className="size-2 rounded-[2px]" style={{ background: part.colour }} />
        {part.label} {part.value === undefined ? null : formatAmount(part.value)}
      </span>
    ))}
  </span>
);

interface BurnBarProps extends BurnTrackProps {
  readonly label: string;
  readonly href: string;
  readonly remaining: string;
}

/** One budget as a bar that leads on: what is spent, promised and asked for of the whole, and what is left. */
export function BurnBar({ label, href, whole, parts, remaining }: BurnBarProps) {
  const id = useId();
  return (
    <Link href={href} className="group block rounded-md p-1.5 hover:bg-hover" aria-describedby={id}>
      <span className="mb-1 flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate font-medium group-hover:text-accent">{label}</span>
        <span className={isNegative(remaining) ? "text-negative" : "text-muted"}>
          {formatAmount(remaining)} left of {formatAmount(whole)}
        </span>
      </span>
      <BurnTrack whole={whole} parts={parts} />
      <Legend id={id} parts={parts} />
    </Link>
  );
}

const LINE_WIDTH = 720;
const LINE_HEIGHT = 96;
const MARGIN = 8;

/** A course over time; each point is a link of its own. The grey line is zero. */
export function LineChart(props: ChartProps) {
  const { marks, currency, title } = props;
  const values = ["0", ...marks.map((mark) => mark.value)];
  const high = values.reduce((most, value) => (compare(value, most) > 0 ? value : most));
  const low = values.reduce((least, value) => (compare(value, least) < 0 ? value : least));
  const height = (value: string) => MARGIN + (1 - share(subtract(value, low), subtract(high, low))) * (LINE_HEIGHT - 2 * MARGIN);
  const step = marks.length > 1 ? (LINE_WIDTH - 2 * MARGIN) / (marks.length - 1) : 0;
  const points = marks.map((mark, index) => ({ mark, x: MARGIN + index * step, y: height(mark.value) }));
  return (
    <Figures {...props}>
      <svg viewBox={`0 0 ${LINE_WIDTH} ${LINE_HEIGHT}`} className="w-full" role="group" aria-label={title}>
        <line x1={0} x2={LINE_WIDTH} y1={height("0")} y2={height("0")} stroke="var(--edge)" strokeWidth={0.5} />
        <polyline points={points.map(({ x, y }) => `${x},${y}`).join(" ")} fill="none" stroke="var(--chart-1)" strokeWidth={1.5} />
        {points.map(({ mark, x, y }) => (
          <Link key={mark.key} href={mark.href}>
            <title>{`${mark.label}: ${formatAmount(mark.value, currency)}`}</title>
            <circle cx={x} cy={y} r={10} fill="transparent" />
            <circle cx={x} cy={y} r={2.5} fill="var(--chart-1)" />
          </Link>
        ))}
      </svg>
      <p className="flex justify-between text-2xs text-muted">
        <span>{marks[0]?.label}</span>
        <span>{marks.at(-1)?.label}</span>
      </p>
    </Figures>
  );
}
