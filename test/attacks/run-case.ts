import { readAnswers } from './answers.ts';
import { clientBytes, isSlow, isSlowClient, scriptOf } from './attack-case.ts';
import type { AttackCase, Delivery } from './attack-case.ts';
import { deliver, sleep } from './deliver.ts';
import { judge } from './judge.ts';
import type { Canary } from './judge.ts';
import type { RecordingUpstream } from './recorder.ts';

export interface CaseResult {
  readonly name: string;
  readonly category: string;
  readonly passed: boolean;
  readonly faults: readonly string[];
  /** Status of the first final answer, or why there was none. */
  readonly got: number | string;
  readonly closed: boolean;
  /** Requests that reached the upstream. */
  readonly forwarded: number;
  readonly ms: number;
}

/** Where the cases run: a gateway's port, the upstream behind it, the time-outs that it was given (ms). */
export interface Arena {
  readonly port: number;
  readonly upstream: RecordingUpstream;
  readonly timeout: number;
  /** Plain requests after each case, all at once. */
  readonly canaries: number;
}

const METHOD = /(?:^|\r\n\r\n)(HEAD|GET|POST|OPTIONS|DELETE|PUT) /g;
const ONCE: Delivery = { mode: 'once' };
let canariesSent = 0;

/** Runs one case, then some plain requests, and judges what client and upstream saw. */
export async function runCase(
  attack: AttackCase,
  { port, upstream, timeout, canaries: count }: Arena,
): Promise<CaseResult> {
  const bytes = clientBytes(attack);
  const recording = upstream.record(scriptOf(attack));
  const delivery = attack.delivery?.mode === 'upstream-timeout' ? ONCE : (attack.delivery ?? ONCE);
  const most = isSlow(attack) ? timeout * 4 : 3_000;
  const idle = isSlowClient(attack) ? 1_500 : 500;
  const outcome = await deliver(port, bytes, delivery, { most, idle, pause: timeout / 4 });
  await sleep(30);
  const seen = recording.freeze();
  const canaryRecording = upstream.record(null);
  const later = await Promise.all(Array.from({ length: count }, () => canary(port)));
  const methods = [...bytes.toString('latin1').matchAll(METHOD)].map((match) => match[1] ?? '');
  const answers = readAnswers(outcome.bytes, methods).filter((answer) => !answer.interim);
  const evidence = {
    attack,
    outcome,
    answers,
    recording: seen,
    canaries: later,
    canaryRecording: canaryRecording.freeze(),
  };
  const faults = judge(evidence);
  const first = answers[0];
  const got = first === undefined ? outcome.why : first.status === 0 ? first.junk : first.status;
  const { name, category } = attack;
  const { closed, ms } = outcome;
  return { name, category, passed: faults.length === 0, faults, got, closed, forwarded: seen.requests.length, ms };
}

/** A plain request, on a connection of its own. */
export async function canary(port: number): Promise<Canary> {
  const id = ++canariesSent;
  const target = `/v1/ping?user_key=k-valid-0001&canary=${id}`;
  const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n`);
  const outcome = await deliver(port, bytes, ONCE, { most: 3_000, idle: 300, pause: 0 });
  const answer = readAnswers(outcome.bytes, ['GET']).find((one) => !one.interim) ?? null;
  return { id, answer, text: outcome.bytes.toString('latin1') };
}
