import { StoreUnavailable } from '../store/store.ts';
import type { LeaseCommand, LeaseReply, Store } from '../store/store.ts';

/** The store's answer to one command, or why there is none. */
export type Outcome = LeaseReply | 'outage' | 'invalid';

/**
 * Runs commands together. When that fails each shard's are run apart, so that one that is away costs only its own, and
 * then each alone, so that one that cannot be carried out costs only itself: levels may be said any number of times.
 */
export async function runCommands(store: Store, commands: readonly LeaseCommand[]): Promise<readonly Outcome[]> {
  if (commands.length === 0) return [];
  try {
    return await store.leases.run(commands);
  } catch (error) {
    if (!isExpected(error)) throw error;
    if (commands.length === 1) return [error instanceof StoreUnavailable ? 'outage' : 'invalid'];
    return apart(store, commands);
  }
}

async function apart(store: Store, commands: readonly LeaseCommand[]): Promise<readonly Outcome[]> {
  const groups = new Map<number, LeaseCommand[]>();
  for (const command of commands) {
    const shard = store.counters.shardOf(command);
    const group = groups.get(shard) ?? [];
    groups.set(shard, group);
    group.push(command);
  }
  const single = groups.size === 1 ? commands.map((command) => [command]) : [...groups.values()];
  const outcomes = new Map<LeaseCommand, Outcome>();
  await Promise.all(
    single.map(async (group) => {
      const answers = await runCommands(store, group);
      for (const [index, command] of group.entries()) outcomes.set(command, answers[index] ?? 'outage');
    }),
  );
  return commands.map((command) => outcomes.get(command) ?? 'outage');
}

function isExpected(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof RangeError;
}
