import { PERIODS, windowStart } from '../../shared/period.ts';
import { CHAINS, SERVICE } from './plans.ts';
import type { Application } from './plans.ts';
import { trueTime } from './world.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

/** When all is delivered and returned: counted is what is on disk, and taken is what is used, in every window of the round. */
export async function checkAtRest(world: World): Promise<void> {
  const moments = new Set([windowStart('minute', trueTime(world))]);
  for (let at = world.start; at <= trueTime(world); at += MINUTE) moments.add(windowStart('minute', at));
  for (const application of world.applications) {
    for (const at of moments) await checkApplication(world, application, at);
  }
}

async function checkApplication({ observer, store }: World, application: Application, at: number): Promise<void> {
  const accounts = await store.store.counters.accounts({ service: SERVICE, application: application.id }, at);
  for (const metric of CHAINS.keys()) {
    for (const period of PERIODS) {
      const found = accounts.find((each) => each.metric === metric && each.period === period);
      const used = Number(found?.used ?? 0n);
      const truth = observer.truth.get(application.id, metric, period, at);
      const where = `${application.id} ${metric} ${period} at ${new Date(at).toISOString()}`;
      if (used < truth) observer.violate('lost', `${where}: ${used} of ${truth}`);
      if (used > truth) observer.violate('twice', `${where}: ${used} of ${truth}`);
      if (!observer.isAlwaysLimited(application, metric, period)) continue;
      if (found === undefined || found.taken === found.used) continue;
      observer.violate('drift', `${where}: taken ${found.taken} used ${found.used}`);
    }
  }
}
