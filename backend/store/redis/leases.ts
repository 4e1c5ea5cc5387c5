import type { Clock } from '../../../shared/clock.ts';
import { asJson, encodeParts, shardOf } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import { StoreUnavailable } from '../store.ts';
import type { ApplicationRef, LeaseCommand, LeaseRecord, LeaseReply, Leases } from '../store.ts';
import { openRecord } from '../transactions/lease-records.ts';
import { checkLease, checkTime } from '../validation.ts';
import type { Retention } from '../windows.ts';
import { Addressing } from './addressing.ts';
import type { Dispatcher } from './dispatcher.ts';
import { RedisReply } from './errors.ts';
import {
  activeKey,
  CONFIG_TAG,
  DOCUMENTS,
  holdersKey,
  leaseId,
  leaseIndexKey,
  leaseKey,
  LIVING,
  shardTag,
  SHARDS,
  shortKey,
  VERSION,
} from './keys.ts';
import { readAnswer, writeMessage } from './lease-message.ts';
import type { LeaseAnswer } from './lease-message.ts';
import { listLeases, releaseLeases } from './lease-records.ts';
import { limited } from './limited.ts';
import { list, number, text, texts } from './replies.ts';
import { scripts } from './scripts.ts';

/** How long an application stays named as short of room, ms. */
const SHORT_KEPT = 2_000;
/** How long an epoch is remembered, ms: far beyond the 4 × lease time for which it counts as living. */
const LIVING_KEPT = 600_000;
/** Applications that are named to one epoch at a time. */
const MAX_SHORT = 1_000;

/** Messages of one call that are under way: more would only wait for each other, against the clock of a command. */
const MESSAGES_AT_A_TIME = 64;

const applications: Codec<[service: string, application: string]> = asJson;

/** Leases in Redis, one script for each message. */
export class RedisLeases implements Leases {
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #addressing: Addressing;

  constructor(dispatcher: Dispatcher, clock: Clock, retention: Retention) {
    this.#dispatcher = dispatcher;
    this.#clock = clock;
    this.#addressing = new Addressing(retention);
  }

  async run(commands: readonly LeaseCommand[]): Promise<readonly LeaseReply[]> {
    for (const command of commands) checkLease(command);
    const short = new Map<string, Set<string>>();
    const replies = await limited(commands, MESSAGES_AT_A_TIME, async (command) => this.#run(command, short));
    if (short.size > 0) await this.#noteShort(short);
    return replies;
  }

  async heartbeat(epoch: string, at: number): Promise<number> {
    checkTime(at);
    const args = [epoch, String(at), String(at - LIVING_KEPT)];
    return number(await this.#dispatcher.run(scripts.heartbeat, CONFIG_TAG, [DOCUMENTS, LIVING, VERSION], args, true));
  }

  async living(at: number, milliseconds: number): Promise<readonly string[]> {
    const args = [LIVING, `(${at - milliseconds}`, '+inf'];
    return texts(await this.#dispatcher.query(CONFIG_TAG, 'ZRANGEBYSCORE', args)).map(text);
  }

  async scarce(epoch: string): Promise<readonly ApplicationRef[]> {
    const args = [shortKey(epoch), `(${this.#clock.now() - SHORT_KEPT}`, '+inf'];
    return texts(await this.#dispatcher.query(CONFIG_TAG, 'ZRANGEBYSCORE', args)).map((member) => {
      const [service, application] = applications.read(text(member));
      return { service, application };
    });
  }

  async list(
    cursor: string | null,
    limit: number,
  ): Promise<{ readonly leases: readonly LeaseRecord[]; readonly cursor: string | null }> {
    return listLeases(this.#dispatcher, cursor, limit);
  }

  async release(epoch: string): Promise<number> {
    return releaseLeases(this.#dispatcher, this.#clock.now(), epoch);
  }

  /** The window is that of the record: when the script finds another than was guessed, the message is written for that one. */
  async #run(command: LeaseCommand, short: Map<string, Set<string>>): Promise<LeaseReply> {
    const first = await this.#send(command);
    const answer = 'elsewhere' in first ? await this.#send({ ...command, window: first.elsewhere }) : first;
    if ('elsewhere' in answer) throw new StoreUnavailable('error', 'the record of a lease has changed its window');
    for (const epoch of answer.short) {
      const named = short.get(epoch) ?? new Set();
      short.set(epoch, named.add(encodeParts([command.service, command.application])));
    }
    return answer.reply;
  }

  async #send(command: LeaseCommand): Promise<LeaseAnswer> {
    const { service, application, epoch, at } = command;
    const record = openRecord(command);
    const tag = shardTag(shardOf(command, SHARDS));
    const place = this.#addressing.place(tag, service, application, record.start, at);
    const id = leaseId(epoch, command.number);
    const keys = [
      leaseKey(tag, id),
      leaseIndexKey(tag),
      holdersKey(tag, command),
      ...place.windows,
      activeKey(tag, service),
    ];
    try {
      const message = writeMessage(command, record, place, id);
      return readAnswer(list(await this.#dispatcher.runFenced(scripts.lease, tag, keys, [message])), record);
    } catch (error) {
      if (error instanceof RedisReply && error.code === 'OVERFLOW') {
        throw new RangeError('a counter of the lease would leave 64 bits', { cause: error });
      }
      throw error;
    }
  }

  async #noteShort(short: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    const keys = [DOCUMENTS, ...[...short.keys()].map(shortKey)];
    const named = [...short.values()].map((some) => JSON.stringify([...some]));
    const args = [this.#clock.now(), SHORT_KEPT, MAX_SHORT].map(String);
    await this.#dispatcher.run(scripts.noteShort, CONFIG_TAG, keys, [...args, ...named], false);
  }
}
