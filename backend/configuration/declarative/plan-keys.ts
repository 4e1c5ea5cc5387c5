import type { ApplicationRef } from '../../store/store.ts';
import type { ApplicationRecord } from '../records/application.ts';
import type { PlanContext, PlannedChange } from './change.ts';
import type { DeclaredApplication } from './schema.ts';

/** Keys, user keys and referrer filters of an application. Secrets are told by their place in the list. */
export async function planKeys(
  ref: ApplicationRef,
  application: DeclaredApplication,
  current: ApplicationRecord | null,
  context: PlanContext,
): Promise<readonly PlannedChange[]> {
  return [
    ...(await planUserKeys(ref, application, context)),
    ...(await planApplicationKeys(ref, application, context)),
    ...planFilters(ref, application, current, context),
  ];
}

async function planUserKeys(
  ref: ApplicationRef,
  application: DeclaredApplication,
  context: PlanContext,
): Promise<readonly PlannedChange[]> {
  const { userKeys } = context.configuration;
  if (application.userKeys === undefined) return [];
  const changes: PlannedChange[] = [];
  for (const [i, key] of application.userKeys.entries()) {
    if ((await userKeys.get(ref.service, key)) === ref.application) continue;
    const text = `user key ${i + 1} of ${ref.service}/${ref.application}`;
    changes.push({ sign: '+', text, run: (who) => userKeys.save(who, ref, key) });
  }
  const others = context.prune ? await userKeys.othersOf(ref, application.userKeys) : [];
  for (const digest of others) {
    const text = `a user key of ${ref.service}/${ref.application}`;
    changes.push({ sign: '-', text, run: (who) => userKeys.deleteDigest(who, ref.service, digest) });
  }
  return changes;
}

async function planApplicationKeys(
  ref: ApplicationRef,
  application: DeclaredApplication,
  context: PlanContext,
): Promise<readonly PlannedChange[]> {
  const { applicationKeys } = context.configuration;
  const wanted = application.keys;
  if (wanted === undefined) return [];
  const current = (await applicationKeys.list(ref)) ?? [];
  const changes: PlannedChange[] = [];
  for (const [i, key] of wanted.entries()) {
    if (current.includes(key)) continue;
    const text = `key ${i + 1} of ${ref.service}/${ref.application}`;
    changes.push({ sign: '+', text, run: (who) => applicationKeys.add(who, ref, key) });
  }
  for (const key of context.prune ? current : []) {
    if (wanted.includes(key)) continue;
    const text = `a key of ${ref.service}/${ref.application}`;
    changes.push({ sign: '-', text, run: (who) => applicationKeys.delete(who, ref, key) });
  }
  return changes;
}

function planFilters(
  ref: ApplicationRef,
  application: DeclaredApplication,
  current: ApplicationRecord | null,
  context: PlanContext,
): readonly PlannedChange[] {
  const { referrerFilters } = context.configuration;
  const wanted = application.referrerFilters;
  if (wanted === undefined) return [];
  const known = current?.referrerFilters ?? [];
  const text = (filter: string) => `referrer filter ${ref.service}/${ref.application} ${filter}`;
  const added = wanted
    .filter((filter) => !known.includes(filter))
    .map((filter): PlannedChange => ({
      sign: '+',
      text: text(filter),
      run: (who) => referrerFilters.add(who, ref, filter),
    }));
  const removed = (context.prune ? known : [])
    .filter((filter) => !wanted.includes(filter))
    .map((filter): PlannedChange => ({
      sign: '-',
      text: text(filter),
      run: (who) => referrerFilters.delete(who, ref, filter),
    }));
  return [...added, ...removed];
}
