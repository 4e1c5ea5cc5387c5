import type { DocumentKey, Documents, DocumentWrite, Json, Logs } from '../store/store.ts';
import { isList, isObject } from './records/fields.ts';

type Migration = (documents: Documents, logs: Logs) => Promise<void>;

/** Documents that are read at once. */
const PAGE = 200;

/**
 * From each version of the stored configuration to the next, oldest first. A migration may be stopped and begun again
 * at any document, so it leaves alone what already has the new form.
 */
export const MIGRATIONS: readonly Migration[] = [applicationKeysWithEnd, auditTrailWithTheDocuments];

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

/**
 * Version 2 kept the audit trail in a list of its own, written after the change. Every entry is moved once, whoever
 * else moves it: how far the move has come is written with the entry, and stays for those who still move.
 */
async function auditTrailWithTheDocuments(documents: Documents, logs: Logs): Promise<void> {
  const list: DocumentKey = ['audit'];
  const moved: DocumentKey = ['audit-moved'];
  let left = await logs.count(list);
  while (left > 0) {
    const offset = Math.max(0, left - PAGE);
    const page = await logs.range(list, offset, left - offset);
    for (const { id, item } of page.toReversed()) await moveEntry(documents, moved, id, item);
    left = offset;
  }
  await logs.clear(list);
}

async function moveEntry(documents: Documents, moved: DocumentKey, id: number, entry: Json): Promise<void> {
  for (;;) {
    const last = await documents.get(moved);
    if (typeof last === 'number' && last >= id) return;
    const expect = last === null ? { key: moved, exists: false } : { key: moved, equals: last };
    if ((await documents.write([{ key: moved, value: id }], { expect: [expect], entry })) !== null) return;
  }
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
