import { PERIODS } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { MAX_INTEGER, smallest } from '../integers.ts';
import type { LeaseCommand, LeaseReply, LeaseWindow } from '../store.ts';
import { expiryOf, limitedUntil } from '../transactions/lease-records.ts';
import type { StoredLease } from '../transactions/lease-records.ts';
import type { Place } from './addressing.ts';
import { fieldName } from './keys.ts';
import { list, number, text } from './replies.ts';

/** What scripts/lease.lua answers. */
export type LeaseAnswer =
  | {
      readonly reply: LeaseReply;
      /** Epochs that hold what this lease lacks. */
      readonly short: readonly string[];
    }
  /** The record has another window than the message was written for; nothing was done. */
  | { readonly elsewhere: LeaseWindow };

/** The message as the script reads it. `record` is the one to be opened if there is none; `id` its field name. */
export function writeMessage(command: LeaseCommand, record: StoredLease, place: Place, id: string): string {
  const { epoch, rev, at, living, bounds } = command;
  return JSON.stringify({
    id,
    epoch,
    rev,
    used: command.used.toString(),
    held: command.held.toString(),
    want: command.want.toString(),
    need: command.need.toString(),
    final: command.final ? 1 : 0,
    at,
    living,
    about: JSON.stringify(aboutOf(record)),
    period: numberOf(record.period),
    start: record.start,
    ended: limitedUntil(record, bounds) <= at ? 1 : 0,
    life: expiryOf(record, bounds, at) - at,
    finalLife: expiryOf({ ...record, final: true }, bounds, at) - at,
    bounds: bounds.map(({ metric, period, max }) => [fieldName(metric), numberOf(period), max.toString()]),
    slots: place.slots.join(''),
    lives: place.lives,
  });
}

/** What never changes in a record; the metrics of the chain as field names. */
export interface LeaseAbout {
  readonly service: string;
  readonly application: string;
  readonly epoch: string;
  readonly number: number;
  readonly metric: string;
  readonly chain: readonly string[];
  readonly period: number;
  readonly start: number;
  readonly end: number;
}

function aboutOf(record: StoredLease): LeaseAbout {
  const { service, application, epoch, metric, start, end } = record;
  const chain = record.chain.map(fieldName);
  return {
    service,
    application,
    epoch,
    number: record.number,
    metric,
    chain,
    period: numberOf(record.period),
    start,
    end,
  };
}

export function readAnswer(reply: readonly unknown[], { period, start, end }: StoredLease): LeaseAnswer {
  if (reply[0] === 'window') return { elsewhere: { period: periodOf(number(reply[1])), start: number(reply[2]) } };
  const [, rev, ceiling, active, elsewhere, frozen, final, rest, short] = reply;
  const rooms = list(rest).map((value) => BigInt(text(value)));
  const room = smallest([MAX_INTEGER, ...rooms]);
  return {
    reply: {
      rev: number(rev),
      ceiling: BigInt(text(ceiling)),
      period,
      start,
      end,
      room,
      rooms,
      active: number(active),
      elsewhere: BigInt(text(elsewhere)),
      frozen: frozen === 1,
      final: final === 1,
      shrink: room < 0n,
    },
    short: [...new Set(list(short).map(text))],
  };
}

/** Periods are numbered from 1 in the scripts. */
export function numberOf(period: Period): number {
  return PERIODS.indexOf(period) + 1;
}

function periodOf(index: number): Period {
  return PERIODS[index - 1] ?? 'eternity';
}
