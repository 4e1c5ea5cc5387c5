import type { Answer } from './answers.ts';
import { isResponseCase, isSlowClient, pattern } from './attack-case.ts';
import type { AttackCase } from './attack-case.ts';
import type { Outcome } from './deliver.ts';
import type { Recorded } from './recorder.ts';

/** A plain request after the case, with what came for it. */
export interface Canary {
  readonly id: number;
  readonly answer: Answer | null;
  readonly text: string;
}

export interface Evidence {
  readonly attack: AttackCase;
  readonly outcome: Outcome;
  /** Final responses only. */
  readonly answers: readonly Answer[];
  readonly recording: Recorded;
  readonly canaries: readonly Canary[];
  readonly canaryRecording: Recorded;
}

/** Everything that is wrong; empty: passed. A strict reading: the listed statuses, and a closed connection. */
export function judge(evidence: Evidence): string[] {
  const faults = [
    ...judgeUpstream(evidence),
    ...(isResponseCase(evidence.attack) ? judgeResponse(evidence) : judgeRequest(evidence)),
    ...judgeCanaries(evidence),
  ];
  const status = evidence.answers[0]?.status ?? 0;
  if (evidence.attack.expect.must_not_resp_status?.includes(status) === true) faults.push(`status ${status}`);
  return [...new Set(faults)];
}

/** What left the gateway. */
function judgeUpstream({ attack, recording }: Evidence): string[] {
  const { expect } = attack;
  const faults = recording.violations.map((what) => `upstream saw non-canonical bytes: ${what}`);
  const { requests, texts } = recording;
  if (!isResponseCase(attack)) {
    for (const source of expect.must_not_re ?? []) {
      if (texts.some((text) => pattern(source).test(text))) faults.push(`upstream saw ${source}`);
    }
  }
  for (const source of expect.must_not_target_re ?? []) {
    const smuggled = requests.find((request) => pattern(source).test(request.target));
    if (smuggled !== undefined) faults.push(`smuggled request reached the upstream: ${smuggled.target}`);
  }
  for (const source of requests.length > 0 ? (expect.must_re ?? []) : []) {
    if (!pattern(source).test(texts.join('\n'))) faults.push(`upstream did not see ${source}`);
  }
  if (expect.upstream_max !== undefined && requests.length > expect.upstream_max) {
    faults.push(`${requests.length} requests, more than ${expect.upstream_max}`);
  }
  return faults;
}

function judgeRequest({ attack, outcome, answers, recording }: Evidence): string[] {
  const { expect } = attack;
  const first = answers[0];
  const faults: string[] = [];
  if (expect.class === 'reject') {
    for (const { method, target } of recording.requests) faults.push(`forwarded ${method} ${target.slice(0, 60)}`);
    if (first === undefined) {
      if (!outcome.closed) faults.push(`no answer in ${outcome.ms} ms, and the connection is open`);
    } else if (first.status === 0) {
      faults.push(`answer is no response: ${JSON.stringify(first.junk)}`);
    } else if (expect.status !== undefined && !expect.status.includes(first.status)) {
      faults.push(`status ${first.status} instead of ${expect.status.join(', ')}`);
    }
    if (isSlowClient(attack) && !outcome.closed) faults.push(`still open after ${outcome.ms} ms`);
  }
  if (expect.class === 'accept' && !(first !== undefined && first.status >= 200 && first.status < 300)) {
    faults.push(`not accepted: ${first === undefined ? outcome.why : first.status}`);
  }
  const answered = first !== undefined && first.status > 0;
  if (expect.close === true && expect.class !== 'either' && answered && !outcome.closed) {
    faults.push('the connection was left open');
  }
  if (first?.status === 500) faults.push('status 500');
  if (outcome.ms > 2_500 && !isSlowClient(attack) && first === undefined) faults.push(`slow: ${outcome.ms} ms`);
  return faults;
}

function judgeResponse({ attack, outcome, answers }: Evidence): string[] {
  const { expect } = attack;
  const first = answers[0];
  const faults: string[] = [];
  if (expect.class === 'reject' && first !== undefined && expect.status?.includes(first.status) !== true) {
    faults.push(`status ${first.status} instead of ${expect.status?.join(', ')}`);
  }
  if (expect.class === 'accept' && !(first !== undefined && first.status >= 200 && first.status < 400)) {
    faults.push(`not accepted: ${first === undefined ? outcome.why : first.status}`);
  }
  if (attack.complete_forbidden === true && first !== undefined && first.status < 500 && first.complete !== false) {
    faults.push('a truncated message was delivered as complete');
  }
  return faults;
}

/** Pooled upstream connections must still be in step: the two requests after the case get their own answers. */
function judgeCanaries({ attack, outcome, canaries, canaryRecording }: Evidence): string[] {
  const faults = canaryRecording.violations.map((what) => `later request: ${what}`);
  for (const { id, answer } of canaries) {
    const own = answer?.status === 200 && answer.body.includes(`canary=${id}`);
    if (!own)
      faults.push(`later request: ${answer === null ? 'no answer' : `${answer.status} ${answer.body.slice(0, 60)}`}`);
  }
  const seen = [outcome.bytes.toString('latin1'), ...canaries.map((canary) => canary.text)];
  for (const source of attack.expect.client_must_not_re ?? []) {
    if (seen.some((text) => pattern(source).test(text))) faults.push(`client saw ${source}`);
  }
  return faults;
}
