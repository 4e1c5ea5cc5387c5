import type { ChangedApplication, HeartbeatAnswer } from '../../shared/wire/heartbeat.ts';
import { WIRE_BOUNDS } from '../../shared/wire/bounds.ts';
import type { DocumentChange } from '../store/store.ts';

/** What changed for a gateway that speaks for `services`, each application once with its newest version. Null: that is too long ago to say. */
export function changesFor(
  changes: readonly DocumentChange[] | null,
  services: ReadonlySet<string>,
): Pick<HeartbeatAnswer, 'all' | 'changed'> {
  if (changes === null) return { all: true, changed: [] };
  const newest = new Map<string, Map<string, number>>();
  for (const { version, changed } of changes) {
    for (const { service, application } of changed) {
      if (!services.has(service)) continue;
      const applications = newest.get(service) ?? new Map<string, number>();
      newest.set(service, applications);
      applications.set(application, Math.max(version, applications.get(application) ?? 0));
    }
  }
  const named: ChangedApplication[] = [...newest].flatMap(([service, applications]) =>
    [...applications].map(([application, version]) => ({ service, application, version })),
  );
  return named.length > WIRE_BOUNDS.changed ? { all: true, changed: [] } : { all: false, changed: named };
}
