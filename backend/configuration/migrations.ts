import type { Documents, DocumentWrite, Json } from '../store/store.ts';
import { isList, isObject } from './records/fields.ts';

/** Documents that are read at once. */
const PAGE = 200;

/**
 * From each version of the stored configuration to the next, oldest first. A migration may be stopped and begun again
 * at any document, so it leaves alone what already has the new form.
 */
export const MIGRATIONS: readonly ((documents: Documents) => Promise<void>)[] = [applicationKeysWithEnd];

/** Version 1 kept an application's keys without an end: `{digest, key}`. */
async function applicationKeysWithEnd(documents: Documents): Promise<void> {
  await rewriteAll(documents, 'application', (value) => {
    const keys = isObject(value) ? value['keys'] : undefined;
    if (!isObject(value) || !isList(keys)) return value;
    return {
      ...value,
      keys: keys.map((key) => (isObject(key) && !('expires' in key) ? { ...key, expires: null } : key)),
    };
  });
}

async function rewriteAll(documents: Documents, kind: string, rewrite: (value: Json) => Json): Promise<void> {
  let cursor: string | null = null;
  do {
    const page = await documents.list([kind], cursor, PAGE);
    for (const { key, value } of page.entries) {
      const write: DocumentWrite = { key, value: rewrite(value) };
      await documents.write([write], { expect: [{ key, equals: value }] });
    }
    cursor = page.cursor;
  } while (cursor !== null);
}
