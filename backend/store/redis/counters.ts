import type { Clock } from '../../../shared/clock.ts';
import { PERIODS, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import type {
  Accounts,
  Addition,
  ApplicationRef,
  AppliedPart,
  BatchEntry,
  BatchPart,
  Counter,
  CounterRef,
  Counters,
  DecideReply,
  DecideRequest,
} from '../store.ts';
import { checkDecide, checkInteger, checkPart, checkTime, entryProblem, mergedAdditions } from '../validation.ts';
import { TOP_PERIODS } from '../windows.ts';
import type { Retention } from '../windows.ts';
import { Addressing, lifeOf } from './addressing.ts';
import { entriesArgument, summedArguments } from './batch-plan.ts';
import type { Dispatcher } from './dispatcher.ts';
import { KeyLayout } from './key-layout.ts';
import {
  activeKey,
  fieldName,
  HASH_OF,
  marksKey,
  ownerKey,
  ownerName,
  shardTag,
  SHARDS,
  topKey,
  windowKey,
} from './keys.ts';
import { KnownPlaces } from './known-places.ts';
import { EncodedBounds } from './encoded-bounds.ts';
import { list, number, text } from './replies.ts';
import { limited } from './limited.ts';
import { numberOf } from './lease-message.ts';
import { Owners } from './owners.ts';
import { removeCounters } from './removal.ts';
import { scripts } from './scripts.ts';
import type { Script } from './scripts.ts';
import { readAccounts, readActive, readSeries, readTop } from './statistics.ts';
import { encodeArguments, joinArguments } from './wire.ts';
import type { Arguments } from './wire.ts';

/** Counters in Redis: decided, counted and read under the hash tag of the application's shard. */
export class RedisCounters implements Counters {
  readonly shards = SHARDS;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #retention: Retention;
  readonly #addressing: Addressing;
  readonly #owners = new Owners();
  readonly #places: KnownPlaces;
  readonly #encoded = new EncodedBounds();

  constructor(dispatcher: Dispatcher, clock: Clock, retention: Retention) {
    this.#dispatcher = dispatcher;
    this.#clock = clock;
    this.#retention = retention;
    this.#addressing = new Addressing(retention);
    this.#places = new KnownPlaces(this.#addressing, this.#owners);
  }

  shardOf(application: ApplicationRef): number {
    return this.#owners.shardOf(application);
  }

  async decide(request: DecideRequest): Promise<DecideReply> {
    checkDecide(request);
    const { at, bounds, reads, codes, count } = request;
    const additions = mergedAdditions(request);
    const place = this.#places.at(request.service, request.application, at);
    const keys = count
      ? joinArguments(place.windows, place.counted, ...additions.map(({ metric }) => place.top(metric)))
      : place.windows;
    const args = joinArguments(
      encodeArguments([at, count ? '1' : '0']),
      place.head,
      encodeArguments(additionsArgument(additions)),
      this.#encoded.all(bounds),
      encodeArguments(readsArgument(reads, codes)),
    );
    const reply = list(await this.#dispatcher.runEncoded(scripts.decide, place.tag, { keys, args }));
    const [admitted, frozen, overflow, ...values] = reply;
    return {
      admitted: admitted === 1,
      frozen: frozen === 1,
      overflow: overflow === 1,
      values: values.map((value) => BigInt(text(value))),
    };
  }

  async apply(parts: readonly BatchPart[]): Promise<readonly AppliedPart[]> {
    for (const part of parts) checkPart(part, SHARDS, (entry) => this.shardOf(entry));
    return limited(parts, PARTS_AT_A_TIME, async (part) => this.#applyPart(part));
  }

  async series(
    service: string,
    application: string | null,
    counter: Counter,
    period: Period,
    starts: readonly number[],
  ): Promise<readonly bigint[]> {
    const tags = application === null ? null : [shardTag(this.shardOf({ service, application }))];
    return readSeries(this.#dispatcher, this.#retention, tags, { service, application, counter, period, starts });
  }

  async top(
    service: string,
    metric: string,
    period: Period,
    start: number,
    count: number,
  ): Promise<readonly { readonly application: string; readonly value: bigint }[]> {
    return readTop(this.#dispatcher, this.#retention, { service, metric, period, start, count });
  }

  async accounts(application: ApplicationRef, at: number): Promise<readonly Accounts[]> {
    return readAccounts(this.#dispatcher, this.#retention, shardTag(this.shardOf(application)), application, at);
  }

  async active(
    service: string,
    cursor: string | null,
    limit: number,
  ): Promise<{ readonly applications: readonly string[]; readonly cursor: string | null }> {
    return readActive(this.#dispatcher, service, cursor, limit);
  }

  async seed(application: ApplicationRef, counter: CounterRef, start: number, value: bigint): Promise<void> {
    checkTime(start);
    checkInteger(value, 'value');
    const { metric, period } = counter;
    const tag = shardTag(this.shardOf(application));
    const { hashes, slots } = this.#addressing.momentOf(start);
    const hash = hashes[HASH_OF[period]];
    if (hash === undefined) throw new RangeError(`there is no window of a ${period}`);
    const slot = slots[PERIODS.indexOf(period)] ?? '';
    const ranked = TOP_PERIODS.some((kept) => kept === period);
    const keys = [
      ownerKey(tag),
      windowKey(tag, hash, ownerName(application.service, application.application)),
      activeKey(tag, application.service),
      topKey(tag, application.service, metric, period, windowStart(period, start)),
    ];
    const fields = ['u', 't'].map((account) => slot + account + fieldName(metric));
    const args = [
      application.application,
      ...fields,
      value.toString(),
      lifeOf(hash, this.#clock.now()),
      ranked ? '1' : '0',
    ];
    await this.#dispatcher.run(scripts.seed, tag, keys, args, false);
  }

  async remove(service: string, application: string | null): Promise<void> {
    await removeCounters(this.#dispatcher, this.#retention, this.#clock.now(), service, application);
  }

  async #applyPart(part: BatchPart): Promise<AppliedPart> {
    const tag = shardTag(part.shard);
    const now = this.#clock.now();
    const marks = encodeArguments([marksKey(tag, part.epoch)]);
    const head = encodeArguments([now, part.sequence, part.slice, part.digest, part.floor, MARKS_KEPT]);
    const { good, indexes, setAside } = sift(part.entries);
    const send = (script: Script, { keys }: KeyLayout, args: Arguments): Promise<unknown> =>
      this.#dispatcher.runEncoded(script, tag, { keys: joinArguments(marks, keys), args: joinArguments(head, args) });
    const layout = new KeyLayout(tag, this.#addressing, now);
    const sums = summedArguments(good, layout, this.#owners);
    const answer = sums === null ? 'each' : text(await send(scripts.apply, layout, sums));
    if (answer !== 'each') return appliedPart(answer, setAside);
    const separate = new KeyLayout(tag, this.#addressing, now);
    const entries = encodeArguments([entriesArgument(good, indexes, separate, this.#owners)]);
    const [result, ...refused] = list(await send(scripts.applyEach, separate, entries));
    return appliedPart(text(result), [...setAside, ...pairs(refused)]);
  }
}

function additionsArgument(additions: readonly Addition[]): string[] {
  const args = [String(additions.length)];
  for (const { metric, amount, set } of additions) args.push(fieldName(metric), amount.toString(), set ? '1' : '0');
  return args;
}

function readsArgument(reads: readonly CounterRef[], codes: readonly string[]): string[] {
  const args = [String(reads.length)];
  for (const { metric, period } of reads) args.push(fieldName(metric), String(numberOf(period)));
  args.push(String(codes.length));
  for (const code of codes) args.push(fieldName(code));
  return args;
}

/** Entries with their indexes, without those that cannot be applied to anything. */
function sift(entries: readonly BatchEntry[]): {
  readonly good: readonly BatchEntry[];
  readonly indexes: readonly number[];
  readonly setAside: AppliedPart['setAside'];
} {
  const good: BatchEntry[] = [];
  const indexes: number[] = [];
  const setAside: { index: number; reason: string }[] = [];
  entries.forEach((entry, index) => {
    const reason = entryProblem(entry);
    if (reason !== null) {
      setAside.push({ index, reason });
      return;
    }
    good.push(entry);
    indexes.push(index);
  });
  return { good, indexes, setAside };
}

function pairs(reply: readonly unknown[]): { index: number; reason: string }[] {
  const found: { index: number; reason: string }[] = [];
  for (let at = 0; at + 1 < reply.length; at += 2)
    found.push({ index: number(reply[at]), reason: text(reply[at + 1]) });
  return found;
}

function appliedPart(answer: string, setAside: AppliedPart['setAside']): AppliedPart {
  if (answer === 'applied') return { result: 'applied', setAside: setAside.toSorted((a, b) => a.index - b.index) };
  return { result: answer === 'conflict' ? 'conflict' : 'repeat', setAside: [] };
}

/** Scripts of one batch that are under way: more would only wait for each other, against the clock of a command. */
const PARTS_AT_A_TIME = 32;
/** Marks go when their producer was not heard for so long, s (protocol R2). */
const MARKS_KEPT = String(30 * 86_400);
