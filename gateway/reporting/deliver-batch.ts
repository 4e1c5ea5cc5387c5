import type { Clock } from '../../shared/clock.ts';
import type { BatchAnswer, BatchRequest } from '../../shared/wire/batches.ts';
import type { BatchReply, ProtocolClient } from '../backend-client/protocol.ts';
import type { ServiceToken } from '../backend-client/threescale.ts';
import type { UsageOwner } from '../journal/contract.ts';
import type { Disk } from '../journal/disk.ts';
import type { Fold, FoldedUsage } from '../journal/fold.ts';
import { moveAside, writeAside } from './aside.ts';
import type { DeliveryResult, DeliveryTask } from './task.ts';

export interface BatchDeps {
  readonly protocol: ProtocolClient;
  readonly clock: Clock;
  readonly disk: Disk;
}

/** Delivers a segment to a backend that recognises repeats (protocol R11, R12): it may be sent any number of times. */
export async function deliverBatch(
  task: DeliveryTask,
  fold: Fold,
  { protocol, clock, disk }: BatchDeps,
): Promise<DeliveryResult> {
  const now = clock.now();
  await writeAside(disk, task, 'uncertain', fold.uncertain, now);
  const uncertain = fold.uncertain.reduce((units, row) => units + row.use, 0);
  const request = batchRequest(task, fold);
  const damaged = fold.damage.skipped + fold.damage.nameless + fold.damage.foreign;
  const nothing = { detail: null, uncertain, damaged, retryAfterMs: 0, store: null, now: 0, setAside: 0 };
  if (request === null) return { ...nothing, outcome: 'empty' };
  const reply = await protocol.batch(request);
  if (reply.kind === 'unprocessable') await moveAside(disk, task, 'rejected');
  if (reply.kind === 'answered') await writeAside(disk, task, 'rejected', notCounted(reply.answer, fold), now);
  return { ...nothing, ...resultOf(reply) };
}

/** Usage that the backend set aside, when it says so first: it is marked, so only an operator can have it counted. */
function notCounted({ result, setAside }: BatchAnswer, fold: Fold): FoldedUsage[] {
  if (result !== 'applied') return [];
  const indexes = setAside.filter(({ list }) => list === 'entries').map(({ index }) => index);
  return indexes.map((index) => fold.usage[index]).filter((row) => row !== undefined);
}

function resultOf(reply: BatchReply): Pick<DeliveryResult, 'outcome'> & Partial<DeliveryResult> {
  switch (reply.kind) {
    case 'answered': {
      const { store, now, result, setAside } = reply.answer;
      const outcome = result === 'queued' ? 'queued' : result === 'repeat' ? 'repeat' : 'applied';
      const detail = setAside[0] === undefined ? null : setAside[0].reason;
      return { outcome, store, now, setAside: setAside.length, detail };
    }
    case 'unprocessable':
      return { outcome: 'aside', detail: reply.reason };
    case 'refused':
      return { outcome: 'refused', detail: reply.reason };
    case 'unavailable':
      return { outcome: 'unavailable', detail: reply.reason, retryAfterMs: reply.retryAfterMs };
  }
}

/** The same fold always gives the same owners, entries and codes, in the same order. Null: there is nothing to tell. */
export function batchRequest(task: DeliveryTask, fold: Fold): BatchRequest | null {
  if (fold.usage.length === 0 && fold.codes.length === 0) return null;
  const indexes = new Map<UsageOwner, number>();
  const owners: UsageOwner[] = [];
  const indexOf = (owner: UsageOwner): number => {
    let index = indexes.get(owner);
    if (index === undefined) indexes.set(owner, (index = owners.push(owner) - 1));
    return index;
  };
  const entries = fold.usage.map(({ owner, metric, minute, use, take }) => ({
    owner: indexOf(owner),
    metric,
    minute,
    use,
    take,
  }));
  const codes = fold.codes.map(({ owner, minute, status, count }) => ({
    owner: indexOf(owner),
    minute,
    status,
    count,
  }));
  return {
    epoch: task.epoch,
    services: proofs(owners, task.services),
    sequence: task.sequence,
    floor: task.floor,
    owners: owners.map(({ service, kind, id }) => ({ service, kind, id })),
    entries,
    codes,
  };
}

/** Proofs of the services that occur. */
function proofs(owners: readonly UsageOwner[], services: readonly ServiceToken[]): BatchRequest['services'] {
  const needed = new Set(owners.map(({ service }) => service));
  return services
    .filter(({ id }) => needed.has(id))
    .map(({ id, tokenKind, token }) => ({ service: id, tokenKind, token }));
}
