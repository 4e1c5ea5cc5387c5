import type { DocumentKey, Documents } from '../store/store.ts';

const PAGE = 200;

/** The part of the keys below `prefix` that follows it, each once, in the store's order. */
export async function* listIds(documents: Documents, prefix: DocumentKey): AsyncGenerator<string> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Documents['list']>> = await documents.list(prefix, cursor, PAGE);
    for (const { key } of page.entries) {
      const id = key[prefix.length];
      if (id !== undefined) yield id;
    }
    cursor = page.cursor;
  } while (cursor !== null);
}
