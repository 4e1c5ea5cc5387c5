import { expect, test } from 'vitest';
import type { DocumentKey, Documents, DocumentWrite } from '../../../backend/store/store.ts';
import { Latch } from '../../harness/latch.ts';
import type { OpenStore } from './open.ts';

export function documentsContract(open: () => Promise<OpenStore>): void {
  test('a document that was written is read back, and null when there is none', async () => {
    const { documents } = (await open()).store;
    await documents.write(
      [{ key: ['service', 'a'], value: { name: 'A', limits: [1, 2.5, true, null, 'é\u0000'] } }],
      {},
    );
    expect(await documents.get(['service', 'a'])).toEqual({ name: 'A', limits: [1, 2.5, true, null, 'é\u0000'] });
    expect(await documents.get(['service', 'b'])).toBeNull();
    expect(
      await documents.getMany([
        ['service', 'b'],
        ['service', 'a'],
      ]),
    ).toEqual([null, expect.objectContaining({ name: 'A' })]);
    expect(await documents.getMany([])).toEqual([]);
  });

  test('a null value deletes', async () => {
    const { documents } = (await open()).store;
    await documents.write([{ key: ['x'], value: 1 }], {});
    await documents.write([{ key: ['x'], value: null }], {});
    expect(await documents.get(['x'])).toBeNull();
    expect(await documents.list([], null, 10)).toEqual({ entries: [], cursor: null });
  });

  test('keys whose parts hold separators, quotes, control characters or lone surrogates are apart', async () => {
    const { documents } = (await open()).store;
    const keys = [
      ['a', 'b'],
      ['a,b'],
      ['a","b'],
      ['a\u0000b'],
      ['a', '', 'b'],
      ['a', 'b', ''],
      ['\ud800'],
      ['\udc00'],
      ['\ufffd'],
      ['😀'],
    ];
    await documents.write(
      keys.map((key, index) => ({ key, value: index })),
      {},
    );
    expect(await documents.getMany(keys)).toEqual(keys.map((_key, index) => index));
    expect((await documents.list([], null, 100)).entries).toHaveLength(keys.length);
  });

  test('a key that is too long is a RangeError and changes nothing', async () => {
    const { documents } = (await open()).store;
    const writes = [
      { key: ['fine'], value: 1 },
      { key: ['x'.repeat(2_000)], value: 1 },
    ];
    await expect(documents.write(writes, {})).rejects.toThrow(RangeError);
    expect(await documents.get(['fine'])).toBeNull();
  });

  test('every write raises the version by one', async () => {
    const { documents } = (await open()).store;
    const before = await documents.version();
    expect(await documents.write([{ key: ['x'], value: 1 }], {})).toBe(before + 1);
    expect(await documents.write([], { changed: [{ service: 's', application: '*' }] })).toBe(before + 2);
    expect(await documents.version()).toBe(before + 2);
  });

  test('the trail tells what was said of the writes, newest first, and of no write that failed', async () => {
    const { documents } = (await open()).store;
    await documents.write([{ key: ['x'], value: 1 }], { entry: { who: 'a' } });
    await documents.write([{ key: ['x'], value: 2 }], {});
    await documents.write([{ key: ['x'], value: 3 }], { expect: [{ key: ['x'], equals: 9 }], entry: { who: 'b' } });
    await documents.write([{ key: ['x'], value: 4 }], { entry: { who: 'c', was: 'é "quoted" \u0000' } });
    expect((await documents.trail(0, 10)).map(({ item }) => item)).toEqual([
      { who: 'c', was: 'é "quoted" \u0000' },
      { who: 'a' },
    ]);
    const [newest, older] = await documents.trail(0, 2);
    expect(newest?.id).toBeGreaterThan(older?.id ?? Number.MAX_SAFE_INTEGER);
    expect(await documents.trail(1, 1)).toEqual([older]);
    expect(await documents.trail(0, 0)).toEqual([]);
  });

  test('a failed expectation leaves everything as it was', async () => {
    const { documents } = (await open()).store;
    await documents.write([{ key: ['x'], value: { b: 1, a: [2] } }], {});
    const version = await documents.version();
    const attempts = [
      { key: ['x'], exists: false },
      { key: ['y'], exists: true },
      { key: ['x'], equals: { a: [2] } },
      { key: ['x'], equals: null },
      { key: ['y'], equals: false },
    ];
    for (const expectation of attempts) {
      expect(
        await documents.write([{ key: ['z'], value: 1 }], { expect: [{ key: ['x'], exists: true }, expectation] }),
      ).toBeNull();
    }
    expect(await documents.get(['z'])).toBeNull();
    expect(await documents.version()).toBe(version);
  });

  test('an expectation that holds lets the write through, whatever the order of members', async () => {
    const { documents } = (await open()).store;
    await documents.write([{ key: ['x'], value: { b: 1, a: [2] } }], {});
    const options = {
      expect: [
        { key: ['x'], exists: true, equals: { a: [2], b: 1 } },
        { key: ['y'], exists: false, equals: null },
      ],
    };
    expect(await documents.write([{ key: ['y'], value: 1 }], options)).not.toBeNull();
  });

  test('of many writers that expect absence, one wins', async () => {
    const { documents } = (await open()).store;
    const writes = Array.from({ length: 20 }, (_, writer) =>
      documents.write([{ key: ['unique'], value: writer }], { expect: [{ key: ['unique'], exists: false }] }),
    );
    expect((await Promise.all(writes)).filter((version) => version !== null)).toHaveLength(1);
  });

  test('changes are told by version, oldest first, and only those that named an application', async () => {
    const { documents } = (await open()).store;
    const since = await documents.version();
    await documents.write([{ key: ['x'], value: 1 }], { changed: [{ service: 's', application: 'a' }] });
    await documents.write([{ key: ['x'], value: 2 }], {});
    await documents.write([{ key: ['x'], value: 3 }], { changed: [{ service: 's', application: '*' }] });
    expect(await documents.changesSince(since)).toEqual([
      { version: since + 1, changed: [{ service: 's', application: 'a' }] },
      { version: since + 3, changed: [{ service: 's', application: '*' }] },
    ]);
    expect(await documents.changesSince(since + 3)).toEqual([]);
  });

  test('changes since a version that never was are unknown', async () => {
    const { documents } = (await open()).store;
    expect(await documents.changesSince((await documents.version()) + 1)).toBeNull();
    expect(await documents.changesSince(-1)).toBeNull();
  });

  test('10,000 changes are kept', { timeout: 60_000 }, async () => {
    const { documents } = (await open()).store;
    const since = await documents.version();
    const write = (): Promise<unknown> => documents.write([], { changed: [{ service: 's', application: 'a' }] });
    for (let done = 0; done < 10_001; done += 1_000) {
      await Promise.all(Array.from({ length: Math.min(1_000, 10_001 - done) }, write));
    }
    expect(await documents.changesSince(since)).toBeNull();
    expect(await documents.changesSince(since + 1)).toHaveLength(10_000);
  });

  test('a listing gives every descendant of the prefix once, in pages, and nothing else', async () => {
    const { documents } = (await open()).store;
    const inside = Array.from({ length: 25 }, (_, index): DocumentKey => ['application', 's', `é${index}`, 'keys']);
    const outside = [
      ['application', 's2', 'x'],
      ['application', 's'],
      ['applications', 's', 'x'],
      ['application'],
      ['application', 's"', 'x'],
    ];
    await documents.write(
      [...inside, ...outside].map((key): DocumentWrite => ({ key, value: key.length })),
      {},
    );
    const pages = await allPages(documents, ['application', 's'], 10);
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat().map(String).toSorted()).toEqual(inside.map(String).toSorted());
    expect((await allPages(documents, [], 7)).flat()).toHaveLength(inside.length + outside.length);
  });

  test('listeners hear what changed, within a second, until they unsubscribe', async () => {
    const { documents } = (await open()).store;
    const heard: unknown[] = [];
    const latch = new Latch();
    const unsubscribe = documents.onChange((version, keys) => {
      heard.push([version, keys]);
      latch.open();
    });
    const version = await documents.write([{ key: ['x', 'y'], value: 1 }], {});
    await latch.wait(1, 1_000);
    expect(heard).toEqual([[version, [['x', 'y']]]]);
    unsubscribe();
    await documents.write([{ key: ['x', 'y'], value: 2 }], {});
    expect(latch.count).toBe(1);
  });

  test('an emptied store forgets documents, never goes back in version, and tells that anything may have changed', async () => {
    const { store } = await open();
    const version = (await store.documents.write([{ key: ['x'], value: 1 }], {})) ?? 0;
    const latch = new Latch();
    store.documents.onChange((told) => {
      if (told === null) latch.open();
    });
    await store.flush();
    await latch.wait(1, 1_000);
    expect(await store.documents.get(['x'])).toBeNull();
    expect(await store.documents.version()).toBeGreaterThan(version);
    expect(await store.documents.changesSince(version)).toBeNull();
    expect(await store.documents.write([{ key: ['x'], value: 1 }], {})).toBeGreaterThan(version);
  });
}

async function allPages(documents: Documents, prefix: DocumentKey, limit: number): Promise<DocumentKey[][]> {
  const pages: DocumentKey[][] = [];
  let cursor: string | null = null;
  do {
    const page = await documents.list(prefix, cursor, limit);
    pages.push(page.entries.map(({ key }) => key));
    ({ cursor } = page);
  } while (cursor !== null);
  return pages;
}
