import { type RefObject, useCallback, useState } from "react";

const OVERSCAN = 12;
const PAINTED_WHOLE = 80;
const ASSUMED_VIEW_PX = 640;

/** Which rows of a long list of equal rows to paint. Short lists are painted whole: find in page sees them all. */
export function useWindow(root: RefObject<HTMLElement | null>, count: number, rowPx: number) {
  const [top, setTop] = useState(0);
  const whole = count <= PAINTED_WHOLE;
  const height = root.current?.clientHeight ?? ASSUMED_VIEW_PX;
  const start = whole ? 0 : Math.max(0, Math.floor(top / rowPx) - OVERSCAN);
  const end = whole ? count : Math.min(count, Math.ceil((top + height) / rowPx) + OVERSCAN);
  const onScroll = useCallback(() => {
    if (!whole) setTop(root.current?.scrollTop ?? 0);
  }, [root, whole]);
  const reveal = (row: number) => {
    const element = root.current;
    if (!element || whole) return;
    const rowTop = row * rowPx;
    if (rowTop < element.scrollTop) element.scrollTop = rowTop;
    else if (rowTop + 2 * rowPx > element.scrollTop + height) element.scrollTop = rowTop + 2 * rowPx - height;
    setTop(element.scrollTop);
  };
  return { start, end, before: start * rowPx, after: (count - end) * rowPx, onScroll, reveal };
}
