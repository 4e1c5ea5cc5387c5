import { readFileSync } from 'node:fs';

/** How the client sends its bytes, and what it does then. */
export interface Delivery {
  readonly mode:
    | 'once'
    | 'drip'
    | 'stall'
    | 'half-close'
    | 'close-after'
    | 'rst'
    | 'expect-100'
    | 'slow-read'
    | 'upstream-timeout';
  /** `drip`: bytes at a time, ms between, and from where. */
  readonly bytes?: number;
  readonly interval_ms?: number;
  readonly from?: 'body';
  /** `close-after`: ms before the client ends. */
  readonly ms?: number;
  /** `slow-read`: bytes read at a time. */
  readonly read_bytes?: number;
}

/** What the upstream does with the first request of the case, instead of answering with an echo. */
interface ScriptInFile {
  readonly mode: 'raw' | 'big' | 'respond-at-headers';
  readonly raw_base64?: string;
  readonly bytes?: number;
  readonly then?: AfterScript;
}

type AfterScript = 'hold' | 'close' | 'poison-when-idle' | null;

export interface UpstreamScript {
  readonly mode: ScriptInFile['mode'];
  readonly bytes: Buffer;
  /** `big`: length of the body. */
  readonly size: number;
  readonly after: AfterScript;
}

export interface Expectation {
  readonly class: 'reject' | 'accept' | 'either';
  /** Statuses that a refusal may have. */
  readonly status?: readonly number[];
  readonly must_not_re?: readonly string[];
  readonly must_not_target_re?: readonly string[];
  readonly must_re?: readonly string[];
  readonly client_must_not_re?: readonly string[];
  readonly must_not_resp_status?: readonly number[];
  readonly upstream_max?: number;
  readonly close?: boolean | null;
}

/** One hostile or odd message as raw bytes, and what may and may not come of it. */
export interface AttackCase {
  readonly name: string;
  readonly category: string;
  readonly direction?: 'response';
  readonly raw_base64: string;
  /** With `direction: response`: the client's request, to which `raw_base64` is the upstream's answer. */
  readonly request_base64?: string;
  readonly then?: AfterScript;
  readonly upstream?: ScriptInFile;
  readonly delivery?: Delivery;
  readonly expect: Expectation;
  readonly complete_forbidden?: boolean;
}

export function readCases(file: string): AttackCase[] {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(parsed)) throw new TypeError(`${file} must hold a list of cases`);
  return parsed as AttackCase[];
}

export function isResponseCase(attack: AttackCase): boolean {
  return attack.direction === 'response';
}

/** The bytes that the client sends. */
export function clientBytes(attack: AttackCase): Buffer {
  return Buffer.from((isResponseCase(attack) ? attack.request_base64 : attack.raw_base64) ?? '', 'base64');
}

export function scriptOf(attack: AttackCase): UpstreamScript | null {
  if (isResponseCase(attack)) {
    const bytes = Buffer.from(attack.raw_base64, 'base64');
    return { mode: 'raw', bytes, size: 0, after: attack.then ?? null };
  }
  const script = attack.upstream;
  if (script === undefined) return null;
  const bytes = Buffer.from(script.raw_base64 ?? '', 'base64');
  return { mode: script.mode, bytes, size: script.bytes ?? 0, after: script.then ?? null };
}

/** The client is slow on purpose, so that only a time-out can end the case. */
export function isSlowClient(attack: AttackCase): boolean {
  const { delivery } = attack;
  const slow = delivery?.mode === 'drip' || delivery?.mode === 'stall' || delivery?.mode === 'slow-read';
  return attack.category === 'slow' && slow && delivery.interval_ms !== 1;
}

/** Run with `--slow` only. */
export function isSlow(attack: AttackCase): boolean {
  return isSlowClient(attack) || attack.delivery?.mode === 'upstream-timeout';
}

/** A pattern of the case file: flags in front, as in `(?im)^host:`. */
export function pattern(source: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(source);
  return flags === null ? new RegExp(source) : new RegExp(source.slice(flags[0].length), flags[1]);
}
