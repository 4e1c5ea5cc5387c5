import type { TimeFields } from './fields.ts';
import { zoneOffset } from './zone.ts';

const CLOCK = String.raw`\d+\s*:\s*\d+(?:\s*:\s*\d+(?:[,.]\d*)?)?|\d+\s*h(?:\s*\d+m?(?:\s*\d+s?)?)?`;
const HALF = String.raw`[ap](?:m\b|\.m\.)`;
const ZONE = String.raw`(?:gmt|utc?)?[-+]\d+(?:[,.:]\d+(?::\d+)?)?|[a-z.\s]+(?:standard|daylight)\stime\b|[a-z]+(?:\sdst)?\b`;
const TIME = new RegExp(String.raw`((?:${CLOCK})(?:\s*${HALF})?|\d+\s*${HALF})(?:\s*(${ZONE}))?`, 'i');
const PARTS = /^(\d+)(?:\s*[:h]?\s*(\d+)m?(?:\s*:?\s*(\d+))?)?/i;

/** A time of day with its zone, and the text without it. */
export interface FoundTime {
  readonly time: TimeFields;
  readonly rest: string;
}

/** Finds `9:30`, `09:30:15.5 +0300`, `9pm EST`, `9h30m` anywhere in a text. */
export function findTime(text: string): FoundTime | null {
  const found = TIME.exec(text);
  if (found === null) return null;
  const [whole, clock = '', zone] = found;
  const parts = PARTS.exec(clock);
  if (parts === null) return null;
  const [, hour = '0', minute = '0', second = '0'] = parts;
  const half = /([ap])\.?m\.?$/i.exec(clock)?.[1]?.toLowerCase();
  const time: TimeFields = {
    hour: half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'p' ? 12 : 0),
    minute: Number(minute),
    second: Number(second),
    offset: zone === undefined ? null : zoneOffset(zone),
  };
  return { time, rest: text.replace(whole, ' ') };
}
