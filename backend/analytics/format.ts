import type { Zone } from './zone.ts';

/** A moment as ISO 8601 in the zone, to the second: `2026-03-29T00:00:00+01:00`, or `…Z` in UTC. */
export function isoIn(zone: Zone, at: number): string {
  const offset = zone.offset(at);
  const local = new Date(at + offset).toISOString().slice(0, 19);
  if (zone.name === 'UTC') return `${local}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const sign = offset < 0 ? '-' : '+';
  return `${local}${sign}${pad(Math.floor(minutes / 60))}:${pad(Math.floor(minutes % 60))}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** Lines of comma-separated values (RFC 4180, CRLF). A text that a spreadsheet would run as a formula gets a quote before it. */
export function csv(rows: readonly (readonly (string | bigint)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
