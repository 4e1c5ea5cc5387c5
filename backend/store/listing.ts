/** Where a listing over the shards goes on: after the last item of the page before. */
export function writeCursor(shard: number, last: string): string {
  return JSON.stringify([shard, last]);
}

/** Throws a RangeError for a text that `writeCursor` never made. */
export function readCursor(cursor: string | null): readonly [shard: number, after: string | null] {
  if (cursor === null) return [0, null];
  const [shard, after] = partsOf(cursor);
  if (typeof shard !== 'number' || !Number.isSafeInteger(shard) || shard < 0 || typeof after !== 'string') {
    throw new RangeError('this is not the cursor of an earlier page');
  }
  return [shard, after];
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(cursor);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

interface Usage {
  readonly application: string;
  readonly value: bigint;
}

/** Greatest first; equal ones by name, so that an answer is always the same. */
export function byUsage(a: Usage, b: Usage): number {
  if (a.value !== b.value) return a.value > b.value ? -1 : 1;
  return a.application < b.application ? -1 : 1;
}
