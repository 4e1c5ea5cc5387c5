import { request } from 'undici';
import type { EventsConfig } from '../config.ts';

/** Longest wait for the receiver, ms. */
const TIMEOUT = 5_000;

/** Tells the receiver of the webhook that there are events to fetch (3scale contract, reference section 13). Throws when it was not told. */
export async function postEventsHook(config: EventsConfig): Promise<void> {
  const { statusCode, body } = await request(config.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ secret: config.secret }).toString(),
    headersTimeout: TIMEOUT,
    bodyTimeout: TIMEOUT,
    signal: AbortSignal.timeout(TIMEOUT),
  });
  await body.dump();
  if (statusCode >= 300) throw new Error(`the receiver of the events webhook answered ${statusCode}`);
}
