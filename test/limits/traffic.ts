import { Agent, get } from 'node:http';
import { systemClock } from '../../shared/clock.ts';
import type { Answers } from './rows.ts';

/** The schedule is looked at this often, ms. */
const TICK = 5;
const CLIENT_TIMEOUT = 5_000;

export interface TrafficOptions {
  readonly ports: readonly number[];
  readonly userKey: string;
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

interface Counts {
  sent: number;
  allowed: number;
  refused: number;
  outages: number;
  readonly others: Map<string, number>;
}

function note({ others }: Counts, what: string): void {
  others.set(what, (others.get(what) ?? 0) + 1);
}

/**
 * Requests at a fixed rate, whatever becomes of them, spread unevenly over the gateways: the n-th gets 1/n of what the
 * first gets.
 */
export async function sendTraffic({ ports, userKey, requestsPerSecond, seconds }: TrafficOptions): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const answers: Counts = { sent: 0, allowed: 0, refused: 0, outages: 0, others: new Map() };
  const total = Math.round(requestsPerSecond * seconds);
  const weights = ports.map((_port, index) => 1 / (index + 1));
  const pending: Promise<void>[] = [];
  const began = systemClock.monotonic();
  await new Promise<void>((resolve) => {
    const timer = systemClock.every(TICK, () => {
      const due = Math.min(total, Math.floor(((systemClock.monotonic() - began) / 1000) * requestsPerSecond));
      for (; answers.sent < due; answers.sent += 1)
        pending.push(call(agent, pick(ports, weights, answers.sent), userKey, answers));
      if (answers.sent < total) return;
      timer.cancel();
      resolve();
    });
  });
  await Promise.all(pending);
  agent.destroy();
  return answers;
}

/** The gateway of the n-th request: by the golden ratio, so that no seed is needed and none gets a run of them. */
function pick(ports: readonly number[], weights: readonly number[], n: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = ((n * 0.618_033_988_75) % 1) * total;
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return ports[index] ?? 0;
  }
  return ports[0] ?? 0;
}

function call(agent: Agent, port: number, userKey: string, answers: Counts): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = get(
      { agent, port, host: '127.0.0.1', path: `/?user_key=${userKey}`, timeout: CLIENT_TIMEOUT },
      (response) => {
        response.resume();
        response.on('end', () => {
          if (response.statusCode === 200) answers.allowed += 1;
          else if (response.statusCode === 429) answers.refused += 1;
          else {
            answers.outages += 1;
            note(answers, String(response.statusCode));
          }
          resolve();
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', (error) => {
      answers.outages += 1;
      note(answers, error.message);
      resolve();
    });
  });
}
