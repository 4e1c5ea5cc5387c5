import { createHash } from 'node:crypto';
import type { BatchIdentity } from '../batches/parts.ts';
import type { BatchAddition, BatchEntry } from '../store/store.ts';
import type { ReportIdentity } from './report-sequence.ts';

/** A report as it stands in the queue. Amounts are decimal text: they have 64 bits. */
export interface ReportJob {
  /** Version of this form. */
  readonly v: 1;
  readonly epoch: string;
  readonly sequence: number;
  readonly floor: number;
  readonly digest: string;
  readonly entries: readonly JobEntry[];
}

type JobEntry = readonly [
  service: string,
  application: string,
  at: number,
  additions: readonly (readonly [metric: string, use: string, take: string, set: 0 | 1])[],
  codes: readonly (readonly [code: string, use: string])[],
];

/** A job that cannot be read: applying it again would not help. */
export class MalformedReport extends Error {}

export function encodeReport(identity: ReportIdentity, entries: readonly BatchEntry[]): ReportJob {
  const encoded = entries.map(encodeEntry);
  return { v: 1, ...identity, digest: digestOf(encoded), entries: encoded };
}

/** Throws MalformedReport when the data is not what `encodeReport` makes. */
export function decodeReport(data: unknown): { readonly identity: BatchIdentity; readonly entries: BatchEntry[] } {
  const job = object(data);
  if (job['v'] !== 1) throw new MalformedReport('the report is of an unknown version');
  const raw = array(job['entries']);
  const entries = raw.map(decodeEntry);
  const digest = text(job['digest']);
  if (digestOf(raw) !== digest) throw new MalformedReport('the report is not what was accepted: its digest differs');
  const epoch = text(job['epoch']);
  if (!/^[0-9a-f]{32}$/.test(epoch)) throw new MalformedReport('the epoch of the report is not 128 bits in hex');
  return { identity: { epoch, sequence: count(job['sequence']), floor: count(job['floor']), digest }, entries };
}

function encodeEntry({ service, application, at, additions, codes }: BatchEntry): JobEntry {
  return [
    service,
    application,
    at,
    additions.map(({ metric, use, take, set }) => [metric, String(use), String(take), set ? 1 : 0] as const),
    codes.map(({ code, use }) => [code, String(use)] as const),
  ];
}

function decodeEntry(data: unknown): BatchEntry {
  const entry = array(data);
  return {
    service: text(entry[0]),
    application: text(entry[1]),
    at: count(entry[2]),
    additions: array(entry[3]).map(decodeAddition),
    codes: array(entry[4]).map(decodeCode),
  };
}

function decodeAddition(data: unknown): BatchAddition {
  const addition = array(data);
  return {
    metric: text(addition[0]),
    use: amount(addition[1]),
    take: amount(addition[2]),
    set: addition[3] === 1,
  };
}

function decodeCode(data: unknown): BatchEntry['codes'][number] {
  const pair = array(data);
  return { code: text(pair[0]), use: amount(pair[1]) };
}

function digestOf(entries: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, 32);
}

function object(data: unknown): Record<string, unknown> {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new MalformedReport('the report is not an object');
  return Object.fromEntries(Object.entries(data));
}

function array(data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) throw new MalformedReport('the report holds something else where a list belongs');
  return data;
}

function text(data: unknown): string {
  if (typeof data !== 'string') throw new MalformedReport('the report holds something else where a text belongs');
  return data;
}

function count(data: unknown): number {
  if (!Number.isSafeInteger(data) || Number(data) < 0) {
    throw new MalformedReport('the report holds something else where a number belongs');
  }
  return Number(data);
}

function amount(data: unknown): bigint {
  if (typeof data !== 'string' || !/^-?\d{1,19}$/.test(data)) {
    throw new MalformedReport('the report holds something else where an amount belongs');
  }
  return BigInt(data);
}
