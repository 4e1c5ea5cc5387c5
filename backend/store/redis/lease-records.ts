import { asJson } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import { readCursor, writeCursor } from '../listing.ts';
import type { LeaseRecord } from '../store.ts';
import { FINAL_KEPT } from '../transactions/lease-records.ts';
import type { Dispatcher } from './dispatcher.ts';
import { holdersKey, leaseIndexKey, leaseKey, ownerKey, shardTag, SHARD_TAGS, SHARDS } from './keys.ts';
import type { LeaseAbout } from './lease-message.ts';
import { number, text, texts } from './replies.ts';
import { scripts } from './scripts.ts';

const abouts: Codec<LeaseAbout> = asJson;
const ids: Codec<[epoch: string, number: number]> = asJson;

/** Open leases and those closed lately, shard by shard in the order of their ids. */
export async function listLeases(
  dispatcher: Dispatcher,
  cursor: string | null,
  limit: number,
): Promise<{ readonly leases: readonly LeaseRecord[]; readonly cursor: string | null }> {
  const [first, after] = readCursor(cursor);
  const leases: LeaseRecord[] = [];
  for (let shard = first; shard < SHARDS; shard++) {
    const tag = shardTag(shard);
    const from = shard === first ? after : null;
    const found = (await idsOf(dispatcher, tag)).toSorted().filter((id) => from === null || id > from);
    for (const id of found) {
      const record = await readRecord(dispatcher, tag, id);
      if (record !== null) leases.push(record);
      if (leases.length >= limit) return { leases, cursor: writeCursor(shard, id) };
    }
  }
  return { leases, cursor: null };
}

export async function releaseLeases(dispatcher: Dispatcher, now: number, epoch: string): Promise<number> {
  let released = 0;
  for (const tag of SHARD_TAGS) {
    for (const id of await idsOf(dispatcher, tag)) {
      if (ids.read(id)[0] !== epoch) continue;
      const record = await readRecord(dispatcher, tag, id);
      if (record === null) continue;
      const keys = [ownerKey(tag), leaseKey(tag, id), leaseIndexKey(tag), holdersKey(tag, record)];
      const args = [id, String(FINAL_KEPT), String(now + FINAL_KEPT)];
      released += number(await dispatcher.run(scripts.release, tag, keys, args, true));
    }
  }
  return released;
}

/** Those whose record has expired are told by its absence. */
async function idsOf(dispatcher: Dispatcher, tag: string): Promise<readonly string[]> {
  return texts(await dispatcher.query(tag, 'ZRANGE', [leaseIndexKey(tag), 0, -1])).map(text);
}

async function readRecord(dispatcher: Dispatcher, tag: string, id: string): Promise<LeaseRecord | null> {
  const fields = ['about', 'ceiling', 'told', 'rev', 'final'];
  const [stored = null, ceiling = null, told = null, rev = null, final = null] = texts(
    await dispatcher.query(tag, 'HMGET', [leaseKey(tag, id), ...fields]),
  );
  if (stored === null) return null;
  const { service, application, epoch, number: lease, metric, start, end } = abouts.read(stored);
  return {
    service,
    application,
    epoch,
    number: lease,
    metric,
    start,
    end,
    ceiling: BigInt(ceiling ?? 0),
    used: BigInt(told ?? 0),
    rev: Number(rev ?? 0),
    final: final === '1',
  };
}
