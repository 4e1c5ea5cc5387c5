import { documentKeys } from './document-keys.ts';
import type { Documents, Logs } from '../store/store.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Secrets } from './secrets.ts';

/** Layout of the stored configuration that this program writes. */
export const DATA_VERSION = 1 + MIGRATIONS.length;

/** The stored configuration cannot be used by this program, or not with these settings. */
export class ConfigurationUnusable extends Error {}

/**
 * Brings the stored configuration to DATA_VERSION. Throws ConfigurationUnusable when it was written by a newer
 * program: an older one would read it wrongly. Several processes may do this at once: every step is written only if
 * the version is still what it was.
 */
export async function migrate(documents: Documents, logs: Logs): Promise<void> {
  const key = documentKeys.dataVersion();
  for (;;) {
    const stored = await documents.get(key);
    if (stored === null) {
      const fresh = await documents.write([{ key, value: DATA_VERSION }], { expect: [{ key, exists: false }] });
      if (fresh !== null) return;
      continue;
    }
    if (stored === DATA_VERSION) return;
    const migration = typeof stored === 'number' ? MIGRATIONS[stored - 1] : undefined;
    if (migration === undefined) {
      throw new ConfigurationUnusable(
        `the store holds data of version ${JSON.stringify(stored)}, this program knows up to ${DATA_VERSION}: ` +
          'run the version that wrote it, or a newer one',
      );
    }
    await migration(documents, logs);
    await documents.write([{ key, value: Number(stored) + 1 }], { expect: [{ key, equals: stored }] });
  }
}

/**
 * Makes sure that the secret is the one under which the store was written. With another one every key would be
 * unknown, and the outage would look like a refusal. Throws ConfigurationUnusable.
 */
export async function checkSecret(documents: Documents, secrets: Secrets): Promise<void> {
  const key = documentKeys.secretCheck();
  const expected = secrets.digest('tallygate');
  await documents.write([{ key, value: expected }], { expect: [{ key, exists: false }] });
  if ((await documents.get(key)) === expected) return;
  throw new ConfigurationUnusable(
    'STORE_SECRET is not the secret under which the store was written: set the one that was used before',
  );
}
