import { Compile } from 'typebox/compile';
import { ROUTES } from '../../shared/wire/routes.ts';
import { Call } from '../../gateway/authorization/authorizer.ts';
import type { Decision } from '../../gateway/authorization/authorizer.ts';
import { LeasedAuthorizer } from '../../gateway/authorization/leased.ts';
import { Stamp } from '../../gateway/authorization/leased/prepared.ts';
import { DEFAULT_CALLER_BOUNDS } from '../../gateway/authorization/leased/callers.ts';
import { DEFAULT_LEASE_SETTINGS } from '../../gateway/leases/settings.ts';
import type { BackendTransport } from '../../gateway/leases/transport.ts';
import type { Usage } from '../../gateway/rules/usage.ts';
import type { Message } from './backend.ts';
import { Delivery } from './delivery.ts';
import { Folder, SimulatedJournal } from './journal.ts';
import type { Entry } from './journal.ts';
import { mutateTransport } from './mutations.ts';
import type { Link } from './network.ts';
import { CHAINS, SERVICE, TOKEN, chainOf } from './plans.ts';
import type { Application } from './plans.ts';
import { ProcessClock } from './process-clock.ts';
import { service } from './service.ts';
import { trueTime } from './world.ts';
import type { World } from './world.ts';

const BACKEND_TIMEOUT = 500;
const ANSWERS = {
  authorize: Compile(ROUTES.authorize.answer),
  leases: Compile(ROUTES.leases.answer),
  heartbeat: Compile(ROUTES.heartbeat.answer),
  batches: Compile(ROUTES.batches.answer),
};
const PROOFS = [{ service: SERVICE, tokenKind: 'service_token', token: TOKEN } as const];

/** A running process of a gateway. */
interface Process {
  readonly clock: ProcessClock;
  readonly journal: SimulatedJournal;
  readonly authorizer: LeasedAuthorizer;
  readonly delivery: Delivery;
}

interface Admitted {
  readonly call: Call;
  readonly application: Application;
  readonly headers: string;
}

/** A gateway with its disk: processes come and go, the folders stay. */
export class Gateway {
  readonly link: Link = { cutUntil: 0, leasesCutUntil: 0 };
  readonly folders = new Map<string, Folder>();
  readonly #world: World;
  readonly #wall: number;
  readonly #served: (admitted: Admitted) => void;
  /** What the event in hand has admitted: real when the journal is written at its end. */
  #tick: Admitted[] = [];
  #epochs = 0;
  readonly name: number;
  process: Process | null = null;

  constructor(world: World, name: number) {
    this.#world = world;
    this.name = name;
    const error = world.options.gatewayClockError;
    this.#wall = world.start + world.random.between(-error, error);
    this.#served = (admitted) => this.#serve(admitted);
  }

  boot(): void {
    const { random, options, timeline } = this.#world;
    const clock = new ProcessClock(timeline, this.#wall, random.next, options.without === 'clock-jumps');
    const old = [...this.folders.values()];
    this.#epochs += 1;
    const epoch = (this.name * 1_000 + this.#epochs).toString(16).padStart(32, '0');
    const folder = new Folder(epoch);
    const date = options.without === 'dating-by-window' ? () => clock.now() : null;
    const journal = new SimulatedJournal(folder, (entry) => this.#recorded(entry), date);
    this.folders.set(epoch, folder);
    const settings = {
      leases: {
        ...DEFAULT_LEASE_SETTINGS,
        leaseTime: options.leaseTime,
        confirmedFor: options.without === 'confirmation' ? 1e9 : options.confirmedFor,
        horizon: options.horizon,
        backendTimeout: BACKEND_TIMEOUT,
      },
      callers: DEFAULT_CALLER_BOUNDS,
      maxWaiting: 1_000,
      refuseWhenFull: true,
    };
    const authorizer = new LeasedAuthorizer(settings, {
      clock,
      transport: mutateTransport(this.#transport(clock), options.without),
      journal,
      random: random.next,
      proofs: () => PROOFS,
      onLink: () => undefined,
      onStoreChanged: () => delivery.replay(this.folders.values()),
    });
    const delivery = this.#delivery(clock, authorizer);
    this.process = { clock, journal, authorizer, delivery };
    authorizer.start();
    for (const each of old) this.#adopt(each, clock, authorizer);
    clock.after(random.next() * options.sealEvery, () => {
      clock.every(options.sealEvery, () => {
        folder.seal();
        for (const each of this.folders.values()) this.#deliver(each, delivery);
      });
    });
  }

  kill(): void {
    this.process?.clock.kill();
    this.process = null;
    this.#tick = [];
  }

  request(application: Application, usage: Usage): void {
    const { process } = this;
    if (process === null || process.clock.stopped) return;
    const { figures } = this.#world;
    figures.requests += 1;
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
    if (process.authorizer.commit()) tick.forEach(this.#served);
    else for (const { call } of tick) process.authorizer.takeBack(call);
  }

  /** Units that this gateway holds unspent of an application and metric, now. */
  unspent(application: string, metric: string): number {
    const lease = this.process?.authorizer.client.slots.find(SERVICE, application, metric)?.current;
    return lease === undefined || lease === null || lease.final ? 0 : lease.unspent;
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
    if (process === null) return;
    this.#checkHeaders(headers, application, call);
    if (random.chance(options.postPaid))
      process.clock.after(random.exponential(300), () => this.#settle(call, process));
    else process.authorizer.finished(call, random.chance(0.9) ? 200 : 500, false);
  }

  /** The real amount of the first metric is known: at most what was reserved. */
  #settle(call: Call, process: Process): void {
    const [entry] = call.usage.entries;
    if (entry !== undefined && !call.usage.onSuccess) {
      process.authorizer.settle(call, entry.metric, this.#world.random.integer(0, entry.amount));
    }
    process.authorizer.finished(call, 200, false);
  }

  /** An entry reached the disk: it must be counted some day, and it was granted now. */
  #recorded({ owner, metric, at, use, take, lease }: Entry): void {
    const { observer, applications, options } = this.#world;
    const application = applications.find(({ id }) => id === owner.id);
    if (application === undefined) return;
    observer.truth.add(owner.id, metric, at, use);
    observer.admit(application, metric, use, at, `gateway ${this.name} lease ${lease} take ${take}`, true);
    const now = trueTime(this.#world);
    const minute = at - (at % 60_000);
    const off = Math.max(minute - now, now - (minute + 60_000), 0);
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

  #transport(clock: ProcessClock): BackendTransport {
    const { network } = this.#world;
    const call = (message: Message, done: (answer: unknown) => void): void => {
      const timer = clock.after(BACKEND_TIMEOUT, () => done(null));
      network.call(this.link, clock, message, (answer) => {
        timer.cancel();
        done(answer);
      });
    };
    // As the real client does: what is not as its schema says is no answer.
    return {
      authorize: (request, done) =>
        call({ kind: 'authorize', request }, (answer) => done(ANSWERS.authorize.Check(answer) ? answer : null)),
      leases: (request, done) =>
        call({ kind: 'leases', request }, (answer) => done(ANSWERS.leases.Check(answer) ? answer : null)),
      heartbeat: (request, done) =>
        call({ kind: 'heartbeat', request }, (answer) => done(ANSWERS.heartbeat.Check(answer) ? answer : null)),
    };
  }

  #delivery(clock: ProcessClock, authorizer: LeasedAuthorizer): Delivery {
    const { network, options } = this.#world;
    const { client } = authorizer;
    return new Delivery({
      now: () => clock.monotonic(),
      horizon: options.horizon,
      answeredSentAt: () => client.link.answeredSentAt,
      identity: () => client.link.identity.current,
      without: options.without,
      send: (request, answered) => {
        const sentAt = clock.monotonic();
        network.call(this.link, clock, { kind: 'batch', request }, (answer) => {
          const batch = ANSWERS.batches.Check(answer) ? answer : null;
          if (batch !== null && !client.heard(batch, sentAt, clock.monotonic())) return;
          answered(batch);
        });
      },
    });
  }

  #adopt(folder: Folder, clock: ProcessClock, authorizer: LeasedAuthorizer): void {
    const { options } = this.#world;
    folder.seal();
    for (const segment of folder.segments) {
      segment.sentAt = -Infinity;
      segment.appliedAt = clock.monotonic();
      if (options.without !== 'restart-replays') segment.state = 'sealed';
    }
    authorizer.client.adopt(folder.epoch, folder.openLeases(), (number) => folder.leases.delete(number));
  }

  #deliver(folder: Folder, delivery: Delivery): void {
    delivery.deliver(folder);
    if (folder.empty && folder !== this.process?.journal.folder) this.folders.delete(folder.epoch);
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
