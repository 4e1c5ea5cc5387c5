import { windowEnd, windowStart } from '../../../../shared/period.ts';
import type { Period } from '../../../../shared/period.ts';

/** The elements `<period_start>` and `<period_end>` of the window of `period` that holds `at`; nothing for eternity. */
export type WindowText = (period: Period, at: number) => string;

/** Keeps the last window of each period: nearly every call falls into it. */
export function createWindowText(): WindowText {
  const last = new Map<Period, { readonly start: number; readonly text: string }>();
  return (period, at) => {
    if (period === 'eternity') return '';
    const start = windowStart(period, at);
    const known = last.get(period);
    if (known?.start === start) return known.text;
    const end = timeText(windowEnd(period, at));
    const text = `<period_start>${timeText(start)}</period_start><period_end>${end}</period_end>`;
    last.set(period, { start, text });
    return text;
  };
}

/** `YYYY-MM-DD HH:MM:SS +0000`. */
function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
}
