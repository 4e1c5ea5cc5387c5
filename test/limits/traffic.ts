import { Agent, get } from 'node:http';
import { systemClock } from '../../shared/clock.ts';

/** The schedule is looked at this often, ms. */
const TICK = 5;
const CLIENT_TIMEOUT = 5_000;

export interface TrafficOptions {
  readonly ports: readonly number[];
  readonly skew: number;
  /** Path and query of every request. */
  readonly path: string;
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

/** What the clients got, in requests. */
export interface Answers {
  readonly sent: number;
  readonly allowed: number;
  readonly refused: number;
  /** Neither of both. */
  readonly outages: number;
  /** Those by status or error. */
  readonly others: ReadonlyMap<string, number>;
  /** When those that were allowed were sent, and those that were refused were answered, ms since the epoch. */
  readonly allowedAt: readonly number[];
  readonly refusedAt: readonly number[];
}

interface Counts {
  sent: number;
  allowed: number;
  refused: number;
  outages: number;
  readonly others: Map<string, number>;
  readonly allowedAt: number[];
  readonly refusedAt: number[];
}

function note({ others }: Counts, what: string): void {
  others.set(what, (others.get(what) ?? 0) + 1);
}

/** Requests at a fixed rate, whatever becomes of them. */
export async function sendTraffic(options: TrafficOptions): Promise<Answers> {
  const { ports, skew, path, requestsPerSecond, seconds } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const counts: Counts = {
    sent: 0,
    allowed: 0,
    refused: 0,
    outages: 0,
    others: new Map(),
    allowedAt: [],
    refusedAt: [],
  };
  const total = Math.round(requestsPerSecond * seconds);
  const weights = ports.map((_port, index) => 1 / (index + 1) ** skew);
  const pending: Promise<void>[] = [];
  const began = systemClock.monotonic();
  await new Promise<void>((resolve) => {
    const timer = systemClock.every(TICK, () => {
      const due = Math.min(total, Math.floor(((systemClock.monotonic() - began) / 1000) * requestsPerSecond));
      for (; counts.sent < due; counts.sent += 1)
        pending.push(call(agent, pick(ports, weights, counts.sent), path, counts));
      if (counts.sent < total) return;
      timer.cancel();
      resolve();
    });
  });
  await Promise.all(pending);
  agent.destroy();
  return counts;
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

function call(agent: Agent, port: number, path: string, counts: Counts): Promise<void> {
  const sentAt = systemClock.now();
  return new Promise((resolve) => {
    const outgoing = get({ agent, port, host: '127.0.0.1', path, timeout: CLIENT_TIMEOUT }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) {
          counts.allowed += 1;
          counts.allowedAt.push(sentAt);
        } else if (response.statusCode === 429) {
          counts.refused += 1;
          counts.refusedAt.push(systemClock.now());
        } else {
          counts.outages += 1;
          note(counts, String(response.statusCode));
        }
        resolve();
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', (error) => {
      counts.outages += 1;
      note(counts, error.message);
      resolve();
    });
  });
}
