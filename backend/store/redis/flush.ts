import type { ChangeFeed } from './change-feed.ts';
import type { Dispatcher } from './dispatcher.ts';
import {
  CHANGES,
  CHANNEL,
  CONFIG_TAG,
  DOCUMENT_INDEX,
  DOCUMENTS,
  ownerKey,
  SHARD_TAGS,
  STORE,
  VERSION,
} from './keys.ts';
import { list, number, text, texts } from './replies.ts';
import { scripts } from './scripts.ts';
import type { Topology } from './topology.ts';

const KEYS_AT_A_TIME = 500;
const OURS = /^(\{(?:s\d\d|config)\})/;

/** What makes the store the same one afterwards, and what a script of its own empties. */
const KEPT: ReadonlySet<string> = new Set([
  STORE,
  DOCUMENTS,
  DOCUMENT_INDEX,
  VERSION,
  CHANGES,
  ...SHARD_TAGS.map(ownerKey),
]);

/** Empties the store while others use it: for tests. Keys that are not the store's stay. */
export async function flushStore(topology: Topology, dispatcher: Dispatcher, feed: ChangeFeed): Promise<void> {
  for (const server of topology.servers()) {
    let cursor = '0';
    do {
      const [next, page] = list(await server.query('SCAN', [cursor, 'MATCH', '{*', 'COUNT', 1_000]));
      cursor = text(next);
      await unlink(dispatcher, texts(page).map(text));
    } while (cursor !== '0');
  }
  const keys = [DOCUMENTS, DOCUMENT_INDEX, VERSION, CHANGES];
  feed.missed(number(await dispatcher.run(scripts.emptyDocuments, CONFIG_TAG, keys, [CHANNEL], false)));
}

async function unlink(dispatcher: Dispatcher, keys: readonly string[]): Promise<void> {
  const byTag = new Map<string, string[]>();
  for (const key of keys) {
    const tag = OURS.exec(key)?.[1];
    if (tag === undefined || KEPT.has(key)) continue;
    byTag.set(tag, [...(byTag.get(tag) ?? []), key]);
  }
  for (const [tag, some] of byTag) {
    for (let at = 0; at < some.length; at += KEYS_AT_A_TIME) {
      await dispatcher.write(tag, 'UNLINK', some.slice(at, at + KEYS_AT_A_TIME));
    }
  }
}
