import { corpus } from './corpus.ts';
import { explained } from './explained.ts';
import { readRequestsByLlhttp, readResponsesByLlhttp } from './llhttp.ts';
import { mutate } from './mutate.ts';
import { readRequests, readResponse } from './ours.ts';
import { Random } from './random.ts';
import { difference, emptyReading } from './reading.ts';
import type { Reading } from './reading.ts';

/** Inputs per turn: enough that the turn costs little. */
const BATCH = 500;

export interface Finding {
  readonly kind: 'request' | 'response' | 'response to HEAD';
  readonly what: string;
  readonly input: string;
}

export interface FuzzResult {
  readonly inputs: number;
  /** Inputs of which we accepted at least one message: a fuzzer that makes only garbage finds nothing. */
  readonly accepted: number;
  /** Differences with a reason (explained.ts), by that reason. */
  readonly explained: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** Reads `count` mutated messages with our parsers and with llhttp; every third is a response. */
export async function fuzz(count: number, seed: number, progress: (done: number) => void): Promise<FuzzResult> {
  const random = new Random(seed);
  const { requests, responses } = corpus();
  const findings: Finding[] = [];
  const reasons = new Map<string, number>();
  let accepted = 0;
  let done = 0;
  for (let batch = 0; done < count; batch++) {
    const kind = batch % 3 < 2 ? 'request' : batch % 2 === 0 ? 'response' : 'response to HEAD';
    const from = kind === 'request' ? requests : responses;
    const inputs = Array.from({ length: Math.min(BATCH, count - done) }, () =>
      mutate(random.pick(from), random.pick(from), random),
    );
    const theirs = await readByLlhttp(kind, inputs);
    for (const [i, input] of inputs.entries()) {
      const ours = readByUs(kind, input);
      if (ours.messages.length > 0) accepted++;
      const what = difference(ours, theirs[i] ?? emptyReading());
      if (what === null) continue;
      const reason = explained(kind, what, input);
      if (reason === null) findings.push({ kind, what, input });
      else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    done += inputs.length;
    progress(done);
  }
  return { inputs: done, accepted, explained: reasons, findings };
}

function readByUs(kind: Finding['kind'], input: string): Reading {
  return kind === 'request' ? readRequests(input) : readResponse(input, kind === 'response to HEAD');
}

function readByLlhttp(kind: Finding['kind'], inputs: readonly string[]): Promise<Reading[]> {
  return kind === 'request' ? readRequestsByLlhttp(inputs) : readResponsesByLlhttp(inputs, kind === 'response to HEAD');
}
