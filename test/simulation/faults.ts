import { BackendView, changedLimits, SERVICE } from './plans.ts';
import type { Application, Limit } from './plans.ts';
import { Backend } from './backend.ts';
import { ProcessClock } from './process-clock.ts';
import { trueTime } from './world.ts';
import type { World } from './world.ts';

/** Spreads the round's faults over it. */
export function scheduleFaults(world: World): void {
  const { faults } = world.options;
  spread(world, faults.kills, () => killGateway(world));
  spread(world, faults.stops, () => stopGateway(world));
  spread(world, faults.backendKills, () => restartBackend(world, world.random.integer(0, world.backends.length - 1)));
  spread(world, faults.failovers, () => failOver(world));
  spread(world, faults.partitions, () => cut(world));
  spread(world, faults.leaseCuts, () => cutLeases(world));
  spread(world, world.options.slowBackends, () => slowDown(world));
  spread(world, faults.planChanges, () => changePlan(world, world.random.pick(world.applications)));
  spread(world, faults.fullDisks, () => fillDisk(world));
  spread(world, faults.suspensions, () => suspend(world));
  spread(world, faults.clockSteps, () => stepClock(world));
}

function spread(world: World, count: number, fault: () => string): void {
  const { duration } = world.options;
  for (let index = 0; index < count; index += 1) {
    world.timeline.at(world.random.between(0.05 * duration, 0.9 * duration), () => {
      world.observer.note(fault());
    });
  }
}

/** kill -9, and a restart after a while. */
function killGateway(world: World): string {
  const gateway = world.random.pick(world.gateways);
  const torn = world.random.chance(0.5);
  if (world.options.without === 'restart-replays') gateway.believeApplied();
  gateway.kill(torn);
  return `kill -9 of gateway ${gateway.name}${torn ? ' in the middle of its next write' : ''}`;
}

function stopGateway(world: World): string {
  const gateway = world.random.pick(world.gateways);
  const ms = world.random.between(100, 4_000);
  gateway.process?.clock.stop(ms);
  return `SIGSTOP of gateway ${gateway.name} for ${ms.toFixed(0)} ms`;
}

function failOver(world: World): string {
  const shard = world.random.pick(world.store.shards);
  world.store.failOver(shard);
  return `the replica of shard ${shard} falls behind and will be promoted`;
}

function cutLeases(world: World): string {
  const gateway = world.random.pick(world.gateways);
  gateway.link.leasesCutUntil = world.timeline.now + world.random.between(300, 4_000);
  return `lease messages of gateway ${gateway.name} are lost until ${gateway.link.leasesCutUntil.toFixed(0)}`;
}

function slowDown(world: World): string {
  world.network.slow.set(world.random.pick(world.backends), { until: world.timeline.now + 10_000, by: 200 });
  return 'a backend answers 200 ms late for 10 s';
}

function stepClock(world: World): string {
  const gateway = world.random.pick(world.gateways);
  const ms = world.random.between(-5_000, 5_000);
  // While it sleeps the two could cancel out, which no process can notice.
  if (gateway.process?.clock.stopped === false) gateway.process.clock.step(ms);
  return `the wall clock of gateway ${gateway.name} is set by ${ms.toFixed(0)} ms`;
}

function cut(world: World): string {
  const gateway = world.random.pick(world.gateways);
  gateway.link.cutUntil = world.timeline.now + world.random.between(200, world.options.faults.cutFor);
  return `gateway ${gateway.name} is cut off until ${gateway.link.cutUntil.toFixed(0)}`;
}

function fillDisk(world: World): string {
  const gateway = world.random.pick(world.gateways);
  gateway.drive.full = true;
  world.timeline.after(world.random.between(50, 1_000), () => (gateway.drive.full = false));
  return `the disk of gateway ${gateway.name} is full`;
}

/** The machine sleeps: its monotonic clock does not go on, its wall clock does. */
function suspend(world: World): string {
  const gateway = world.random.pick(world.gateways);
  const ms = world.random.between(200, 3_000);
  gateway.process?.clock.suspend(ms);
  return `the machine of gateway ${gateway.name} sleeps for ${ms.toFixed(0)} ms`;
}

/** The application gets another plan: durable at once or not at all, known to each backend a little later. */
function changePlan(world: World, application: Application): string {
  const { random, store, timeline } = world;
  const used = ({ metric, period }: Limit): number =>
    world.observer.admitted.get(application.id, metric, period, trueTime(world));
  const limits = changedLimits(random, application.limits, used);
  const changed = [{ service: SERVICE, application: application.id }];
  timeline.unsettle();
  store.store.documents
    .write([{ key: ['application', application.id], value: limits.length }], { changed })
    .then((version) => {
      if (version === null || version < application.version) return;
      world.observer.changed(application, limits, trueTime(world));
      world.observer.note(`${application.id} has version ${version}: ${JSON.stringify(limits)}`);
      application.limits = limits;
      application.version = version;
      application.changedAt = timeline.now + world.options.learning;
      world.version = Math.max(world.version, version);
      for (const { view } of world.backends) {
        const at = view.learnsAt(timeline.now + random.between(0, world.options.learning));
        timeline.at(at, () => view.learn(application.id, limits, version));
      }
    })
    .catch(() => timeline.after(20, () => changePlan(world, application)));
  return `${application.id} gets another plan`;
}

/** A backend process, beginning with the configuration as it is. */
export function startBackend(
  world: Pick<World, 'timeline' | 'random' | 'start' | 'store' | 'applications' | 'options' | 'version' | 'observer'>,
): Backend {
  const { backendClockError, leaseTime } = world.options;
  const error = world.random.between(-backendClockError, backendClockError);
  const clock = new ProcessClock(world.timeline, world.start + error, world.random.next);
  const view = new BackendView(world.applications, world.version);
  const fault = (text: string): void => world.observer.violate('fault', text);
  return new Backend({ clock, store: world.store.store, view, leaseTime, fault });
}

function restartBackend(world: World, index: number): string {
  world.backends[index]?.clock.kill();
  world.timeline.after(world.random.between(50, 800), () => {
    const old = world.backends[index];
    const backend = startBackend(world);
    if (old !== undefined) backend.takeFigures(old);
    world.backends[index] = backend;
  });
  return `kill -9 of backend ${index}`;
}
