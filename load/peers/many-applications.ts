import { documentKeys } from '../../backend/configuration/document-keys.ts';
import { writeApplication } from '../../backend/configuration/records/application.ts';
import { Secrets } from '../../backend/configuration/secrets.ts';
import { createRedisStore } from '../../backend/store/redis/store.ts';
import type { DocumentWrite } from '../../backend/store/store.ts';
import { systemClock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/log.ts';
import { SERVICE } from './backend.ts';
import { userKey } from './setup.ts';

/** Applications of one write, and writes under way at once. */
const AT_ONCE = 500;
const WRITES_AT_ONCE = 4;

/**
 * Adds applications `from` to `to` (exclusive) of the service straight to the store, as the internal API would
 * write them one by one: with a plan and a user key each, under a backend without STORE_SECRET.
 */
export async function addApplications(url: string, from: number, to: number): Promise<void> {
  const store = await createRedisStore(
    { url, commandMs: 10_000 },
    { clock: systemClock, log: createLogger('load', 'silent') },
  );
  const secrets = new Secrets(null);
  let next = from;
  const write = async (): Promise<void> => {
    while (next < to) {
      const first = next;
      next = Math.min(to, first + AT_ONCE);
      const writes = Array.from({ length: next - first }, (_, index) => documentsOf(first + index, secrets)).flat();
      await store.documents.write(writes, {});
    }
  };
  try {
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, write));
  } finally {
    await store.close();
  }
}

function documentsOf(index: number, secrets: Secrets): DocumentWrite[] {
  const application = `app-${index}`;
  const digest = secrets.digest(userKey(index));
  const record = {
    state: 'active',
    planId: 'plan',
    planName: 'load',
    redirectUrl: null,
    keys: [],
    referrerFilters: [],
  };
  return [
    { key: documentKeys.application(SERVICE, application), value: writeApplication(record) },
    { key: documentKeys.userKey(SERVICE, digest), value: { application } },
    { key: documentKeys.userKeysOf(SERVICE, application), value: [digest] },
  ];
}
