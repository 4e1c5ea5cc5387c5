import { PERIODS, windowStart } from '../../shared/period.ts';
import { CHAINS } from './plans.ts';
import type { Application } from './plans.ts';
import { trueTime } from './world.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

/** When all is delivered and returned: counted is what is on disk, and taken is what is used, in every window of the round. */
export function checkAtRest(world: World): void {
  const moments = new Set([windowStart('minute', trueTime(world))]);
  for (let at = world.start; at <= trueTime(world); at += MINUTE) moments.add(windowStart('minute', at));
  for (const application of world.applications) {
    for (const at of moments) checkApplication(world, application, at);
  }
}

function checkApplication({ observer, watch, options }: World, application: Application, at: number): void {
  const { id } = application;
  for (const metric of options.plain ? ['hits'] : CHAINS.keys()) {
    for (const period of PERIODS) {
      const used = watch.used(id, metric, period, at);
      const truth = observer.truth.get(id, metric, period, at);
      const most = observer.most(id, metric, period, at);
      const where = `${id} ${metric} ${period} at ${new Date(at).toISOString()}`;
      if (used < truth) observer.violate('lost', `${where}: ${used} of ${truth}`);
      if (used > most) observer.violate('twice', `${where}: ${used} of ${most}`);
      if (!observer.isAlwaysLimited(application, metric, period)) continue;
      const taken = watch.taken(id, metric, period, at);
      if (taken !== used) observer.violate('drift', `${where}: taken ${taken} used ${used}`);
    }
  }
}
