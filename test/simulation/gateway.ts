import { Call } from '../../gateway/authorization/authorizer.ts';
import type { Decision } from '../../gateway/authorization/authorizer.ts';
import { Stamp } from '../../gateway/authorization/leased/prepared.ts';
import { lockPath, parseEpochFolder } from '../../gateway/journal/layout.ts';
import { segmentPath } from '../../gateway/journal/segment.ts';
import type { Usage } from '../../gateway/rules/usage.ts';
import { Drive } from './drive.ts';
import { GatewayProcess, JOURNAL } from './gateway-process.ts';
import { Ledger } from './ledger.ts';
import type { Written } from './ledger.ts';
import type { Link } from './network.ts';
import { CHAINS, SERVICE, chainOf } from './plans.ts';
import type { Application } from './plans.ts';
import { service } from './service.ts';
import { trueTime } from './world.ts';
import type { World } from './world.ts';

interface Admitted {
  readonly call: Call;
  readonly application: Application;
  readonly headers: string;
}

/** A gateway on its machine: processes come and go, the disk stays. */
export class Gateway {
  readonly link: Link = { cutUntil: 0, leasesCutUntil: 0 };
  readonly name: number;
  readonly drive: Drive;
  readonly #world: World;
  readonly #wall: number;
  readonly #threads: number;
  readonly #ledger: Ledger;
  readonly #served: (admitted: Admitted) => void;
  /** Units of the metric of an application that are on disk, and that were served: the second never passes the first. */
  readonly #onDisk = new Map<string, number>();
  readonly #given = new Map<string, number>();
  /** What the event in hand has admitted: real when the journal is written at its end. */
  #tick: Admitted[] = [];
  #booting = false;
  #spared = false;
  process: GatewayProcess | null = null;

  /** `drive`: its own, or that of another gateway on the same machine. */
  constructor(world: World, name: number, drive: Drive = new Drive()) {
    this.#world = world;
    this.name = name;
    this.drive = drive;
    const error = world.options.gatewayClockError;
    this.#wall = world.start + world.random.between(-error, error);
    this.#threads = world.random.integer(0, 2);
    this.#ledger = new Ledger((written) => this.#journalled(written));
    this.#served = (admitted) => this.#serve(admitted);
  }

  /** Starts a process, unless one runs. One whose disk does not take its journal, or that dies over the journals of dead ones, is started again. */
  boot(): void {
    if (this.process !== null || this.#booting) return;
    this.#booting = true;
    const { timeline, random, options } = this.#world;
    const callsToLive = !this.#spared && random.chance(options.deathsInAdoption) ? random.integer(1, 30) : Infinity;
    const machine = {
      drive: this.drive,
      link: this.link,
      ledger: this.#ledger,
      wall: this.#wall,
      threads: this.#threads,
      die: () => this.#died(),
    };
    const started = GatewayProcess.start(this.#world, machine, callsToLive).then(
      (process) => {
        if (!process.clock.dead) this.process = process;
      },
      () => undefined,
    );
    void timeline.track(
      started.then(() => {
        this.#booting = false;
        if (this.process === null) this.#bootLater();
      }),
    );
  }

  /** From now on it is not killed any more, nor are processes that it starts. */
  spare(): void {
    this.#spared = true;
    this.process?.mount.spare();
  }

  /** kill -9: at once, or in the middle of the next write. */
  kill(torn: boolean): void {
    const { process } = this;
    if (process === null) return;
    if (torn) process.mount.tear = true;
    else {
      process.clock.kill();
      this.#died();
    }
  }

  /** R13 taken away: what was acknowledged is done with, so that whoever takes over does not deliver it again. */
  believeApplied(): void {
    for (const { state, segment } of this.process?.parts.reporting.backlog.items() ?? []) {
      if (state === 'applied' && this.drive.find(segmentPath(segment, 'sealed')) !== undefined)
        this.drive.rename(segmentPath(segment, 'sealed'), segmentPath(segment, 'done'));
    }
  }

  request(application: Application, usage: Usage): void {
    const { process } = this;
    if (process === null || process.clock.stopped) return;
    const { figures } = this.#world;
    figures.requests += 1;
    const minute = Math.floor(this.#world.timeline.now / 60_000);
    figures.requestsByMinute[minute] = (figures.requestsByMinute[minute] ?? 0) + 1;
    const call = new Call(service, { kind: 'user_key', userKey: application.key, place: 'query' }, usage, null);
    const decision = process.authorizer.authorize(call, (later) => this.#decided(call, application, later));
    if (decision === null) figures.waits += 1;
    else this.#decided(call, application, decision);
  }

  /** The event is over: the tick's journal write, and then what follows from it. */
  endTick(): void {
    const { process } = this;
    if (this.#tick.length === 0 || process === null) return;
    const tick = this.#tick;
    this.#tick = [];
    const written = process.authorizer.commit();
    if (process.clock.dead && this.#world.options.without !== 'journal-first') return;
    if (written || this.#world.options.without === 'journal-first') tick.forEach(this.#served);
    else for (const { call } of tick) process.authorizer.takeBack(call);
  }

  /** Units that this gateway holds unspent of an application and metric, now. */
  unspent(application: string, metric: string): number {
    const lease = this.process?.authorizer.client.slots.find(SERVICE, application, metric)?.current;
    return lease === undefined || lease === null || lease.final ? 0 : lease.unspent;
  }

  /** Everything on this machine's disk is applied, or is being delivered by a process that will tell. */
  get delivered(): boolean {
    if (this.process?.delivered !== true) return false;
    return this.drive.list(JOURNAL).every((name) => {
      const parsed = parseEpochFolder(name);
      return parsed === null || this.drive.isLocked(lockPath(JOURNAL, parsed.claimer ?? parsed.epoch));
    });
  }

  #died(): void {
    this.process = null;
    this.#tick = [];
    this.#bootLater();
  }

  #bootLater(): void {
    const { timeline, random } = this.#world;
    timeline.after(random.between(50, 2_500), () => this.boot());
  }

  #decided(call: Call, application: Application, decision: Decision): void {
    const { figures } = this.#world;
    if (decision.allowed) this.#tick.push({ call, application, headers: decision.headers });
    else if (decision.reason === 'outage') figures.outages += 1;
    else if (decision.reason === 'limits') {
      figures.refused += 1;
      if (isHeldElsewhere(this.#world, application, call.usage)) figures.refusedElsewhere += 1;
    }
  }

  #serve({ call, application, headers }: Admitted): void {
    const { process } = this;
    const { random, figures, options } = this.#world;
    figures.served += 1;
    this.#give(call.usage, application);
    if (process === null) return;
    this.#checkHeaders(headers, application, call);
    if (random.chance(options.postPaid))
      process.clock.after(random.exponential(300), () => this.#settle(call, process));
    else process.authorizer.finished(call, random.chance(0.9) ? 200 : 500, false);
  }

  /** Served: then it is on the disk. What counts on success only is written with the answer. */
  #give({ entries, onSuccess }: Usage, { id }: Application): void {
    if (onSuccess) return;
    for (const { metric, amount } of entries) {
      const key = `${id} ${metric}`;
      const given = (this.#given.get(key) ?? 0) + amount;
      this.#given.set(key, given);
      const onDisk = this.#onDisk.get(key) ?? 0;
      if (given > onDisk) this.#world.observer.violate('lost', `served ${given} of ${key}, on disk are ${onDisk}`);
    }
  }

  /** The real amount of the first metric is known: at most what was reserved. */
  #settle(call: Call, process: GatewayProcess): void {
    const [entry] = call.usage.entries;
    if (entry !== undefined && !call.usage.onSuccess) {
      process.authorizer.settle(call, entry.metric, this.#world.random.integer(0, entry.amount));
    }
    process.authorizer.finished(call, 200, false);
  }

  /** An entry reached the disk: it must be counted some day, and it was granted now. */
  #journalled({ application: id, metric, at, use, take, lease }: Written): void {
    const { observer, options } = this.#world;
    const application = this.#world.application.get(id);
    if (application === undefined) return;
    const key = `${id} ${metric}`;
    if (use > 0) this.#onDisk.set(key, (this.#onDisk.get(key) ?? 0) + use);
    observer.journalled(id, metric, at, use);
    observer.admit(application, metric, use, at, `gateway ${this.name} lease ${lease} take ${take}`, true);
    const now = trueTime(this.#world);
    const off = Math.max(at - now, now - (at + 60_000), 0);
    const allowed = 2 * options.backendClockError + options.roundTrip[1] / 2 + 5;
    if (use > 0 && off > allowed)
      observer.violate('misdated', `${off.toFixed(0)} ms, lease ${lease} of gateway ${this.name}`);
  }

  /** What a caller was told is left must be left, in the windows that the answer is about (R19). */
  #checkHeaders(headers: string, application: Application, call: Call): void {
    const told = /RateLimit: .*;r=(\d+)/.exec(headers)?.[1];
    const { observer, figures } = this.#world;
    const { admission } = call;
    if (told === undefined || !(admission instanceof Stamp) || observer.isChanging(application)) return;
    figures.headers += 1;
    const lefts = call.usage.entries.map(({ metric }, index) =>
      observer.left(application, metric, admission.at[index] ?? 0),
    );
    if (Number(told) > Math.max(...lefts.filter(Number.isFinite))) figures.headersAbove += 1;
  }
}

/** Did some other gateway hold enough units, which the limits would have allowed to be used here? */
function isHeldElsewhere(world: World, application: Application, usage: Usage): boolean {
  return usage.entries.every(({ metric, amount }) => {
    const chain = chainOf(metric);
    const held = world.gateways
      .flatMap((gateway) =>
        [...CHAINS.keys()]
          .filter((each) => chainOf(each).some((m) => chain.includes(m)))
          .map((each) => gateway.unspent(application.id, each)),
      )
      .reduce((sum, units) => sum + units, 0);
    return held >= amount && world.observer.left(application, metric, trueTime(world)) >= amount;
  });
}
