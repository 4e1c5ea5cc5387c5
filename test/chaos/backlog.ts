import { Agent, request } from 'node:http';
import { systemClock } from '../../shared/clock.ts';
import { metric, untilTrue } from './admin.ts';
import type { Ledger } from './ledger.ts';

/** Reports that are under way at once. */
const CONCURRENCY = 32;
const TIMEOUT = 10_000;
/** A worker that is slower than this hangs, ms per report. */
const SLOWEST = 3;

/** Sends `count` reports of one unit each, and notes which were accepted; one that finds the queue full is answered 503. */
export async function pileUp(port: number, count: number, userKey: string, ledger: Ledger): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let left = count;
  const send = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const id = ledger.send(userKey, 1, systemClock.now());
      const status = await post(agent, port, userKey);
      const at = systemClock.now();
      if (status === 202) ledger.served(id, at);
      ledger.answered(id, status === 202 ? 200 : status, at);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, send));
  agent.destroy();
}

/** Resolves when no report waits any more, nor is worked on. */
export async function untilDrained(port: number, count: number): Promise<void> {
  const states = ['waiting', 'active', 'delayed'];
  await untilTrue(
    async () => {
      const jobs = await Promise.all(states.map((state) => metric(port, `tallygate_reports_${state}`)));
      return jobs.every((number) => number === 0);
    },
    'the queue of reports is worked off',
    60_000 + SLOWEST * count,
  );
}

function post(agent: Agent, port: number, userKey: string): Promise<number> {
  const body = `transactions%5B0%5D%5Buser_key%5D=${userKey}&transactions%5B0%5D%5Busage%5D%5Bhits%5D=1`;
  const path = '/transactions.xml?service_id=chaos&service_token=chaos-token';
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
  return new Promise((resolve) => {
    const outgoing = request({ agent, port, host: '127.0.0.1', method: 'POST', path, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', () => resolve(0));
    });
    outgoing.setTimeout(TIMEOUT, () => outgoing.destroy(new Error('no answer')));
    outgoing.once('error', () => resolve(0));
    outgoing.end(body);
  });
}
