import { LeasedAuthorizer } from '../../gateway/authorization/leased.ts';
import { DEFAULT_CALLER_BOUNDS } from '../../gateway/authorization/leased/callers.ts';
import { createUsageParts } from '../../gateway/authorization/usage-parts.ts';
import type { Outside, UsageParts } from '../../gateway/authorization/usage-parts.ts';
import { DEFAULT_LEASE_SETTINGS } from '../../gateway/leases/settings.ts';
import type { BackendTransport } from '../../gateway/leases/transport.ts';
import type { Threads } from '../../gateway/reporting/pool.ts';
import type { DeliveryResult, DeliveryTask } from '../../gateway/reporting/task.ts';
import { createCarrier } from './carrier.ts';
import { Mount } from './disk.ts';
import type { Drive } from './drive.ts';
import type { Ledger } from './ledger.ts';
import { mutateAnswer, mutateJournal, mutateTransport } from './mutations.ts';
import type { Link } from './network.ts';
import { SERVICE, TOKEN } from './plans.ts';
import { ProcessClock } from './process-clock.ts';
import type { World } from './world.ts';

export const JOURNAL = '/journal';
const BACKEND_TIMEOUT = 500;
/** Kept batches are let go when the store confirmed them: looked at this often, ms. */
const CONFIRM_INTERVAL = 200;
const TOKENS = [{ id: SERVICE, tokenKind: 'service_token', token: TOKEN } as const];
const PROOFS = [{ service: SERVICE, tokenKind: 'service_token', token: TOKEN } as const];

/** The machine that a process runs on, and how it is ended. */
export interface Machine {
  readonly drive: Drive;
  readonly link: Link;
  readonly ledger: Ledger;
  /** Wall clock at the round's start, its error included. */
  readonly wall: number;
  readonly threads: number;
  readonly die: () => void;
}

/** A running process of a gateway: every module of the product that decides, journals and delivers, on simulated clock, disk and sockets. */
export class GatewayProcess {
  readonly clock: ProcessClock;
  readonly mount: Mount;
  readonly authorizer: LeasedAuthorizer;
  readonly parts: UsageParts;

  private constructor(clock: ProcessClock, mount: Mount, authorizer: LeasedAuthorizer, parts: UsageParts) {
    this.clock = clock;
    this.mount = mount;
    this.authorizer = authorizer;
    this.parts = parts;
  }

  /** Throws when it was killed meanwhile, or its disk is full. `callsToLive`: see Mount. */
  static async start(world: World, machine: Machine, callsToLive: number): Promise<GatewayProcess> {
    const { random, options, timeline } = world;
    const clock = new ProcessClock(timeline, machine.wall, random.next, options.without === 'clock-jumps');
    const written = machine.ledger.read.bind(machine.ledger);
    const die = (): void => {
      clock.kill();
      machine.die();
    };
    const mount = new Mount({ drive: machine.drive, clock, timeline, random, written, die });
    mount.callsToLive = callsToLive;
    const started: { authorizer: LeasedAuthorizer | null } = { authorizer: null };
    const parts = await createUsageParts(
      usageSettings(world),
      { clock, log: world.log, services: () => TOKENS, outside: outsideOf(world, machine, clock, mount) },
      (answer, sentAt, answeredAt) => {
        const heard = mutateAnswer(answer, options.without);
        return started.authorizer?.client.heard(heard, sentAt, answeredAt) === false ? 'old' : 'same';
      },
      (epoch, leases, closed) => started.authorizer?.client.adopt(epoch, leases, closed),
    );
    const authorizer = createAuthorizer(world, clock, parts);
    started.authorizer = authorizer;
    authorizer.start();
    void parts.backendProtocol.ask();
    const { link } = authorizer.client;
    clock.every(CONFIRM_INTERVAL, () => {
      const sentAt = options.without === 'purge-needs-confirmation' ? clock.monotonic() : link.answeredSentAt;
      if (link.identity.current !== null) parts.reporting.confirm(link.identity.current, sentAt);
    });
    // Each search of the adopter is over before anything else happens, unless it is killed in the middle.
    const look = parts.adoption.look.bind(parts.adoption);
    parts.adoption.look = () => timeline.track(look());
    parts.adoption.start();
    return new GatewayProcess(clock, mount, authorizer, parts);
  }

  /** Everything that it wrote is applied. */
  get delivered(): boolean {
    return this.parts.reporting.backlog.undelivered === 0 && this.parts.journal.openSince === null;
  }
}

function usageSettings({ options }: World): Parameters<typeof createUsageParts>[0] {
  return {
    backendUrl: new URL('http://backend'),
    backendTimeoutMs: BACKEND_TIMEOUT,
    reportingThreads: 0,
    responseCodes: false,
    horizonMs: options.horizon,
    journal: { directory: JOURNAL, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 100, sealMs: options.sealEvery },
  };
}

function outsideOf(world: World, { link, threads }: Machine, clock: ProcessClock, { disk }: Mount): Outside {
  const { random, timeline, network } = world;
  return {
    disk,
    dispatcher: () => createCarrier(timeline, network, link, clock),
    random: random.next,
    newEpoch: world.newEpoch,
    pool: (deliver) => new SimulatedThreads(threads, deliver, random.chance.bind(random, 0.002)),
  };
}

function createAuthorizer(world: World, clock: ProcessClock, parts: UsageParts): LeasedAuthorizer {
  const { random, options, timeline } = world;
  const { protocol, journal, reporting } = parts;
  const leases = {
    ...DEFAULT_LEASE_SETTINGS,
    leaseTime: options.leaseTime,
    confirmedFor: options.without === 'confirmation' ? 1e9 : options.confirmedFor,
    horizon: options.horizon,
    backendTimeout: BACKEND_TIMEOUT,
  };
  // A call may be answered at once, with nothing: then its promise has to settle before the next event.
  const transport: BackendTransport = {
    authorize: (request, done) => timeline.start(() => protocol.authorize(request, done)),
    leases: (request, done) => timeline.start(() => protocol.leases(request, done)),
    heartbeat: (request, done) => timeline.start(() => protocol.heartbeat(request, done)),
  };
  return new LeasedAuthorizer(
    { leases, callers: DEFAULT_CALLER_BOUNDS, maxWaiting: 1_000, refuseWhenFull: true },
    {
      clock,
      transport: mutateTransport(transport, options.without),
      journal: mutateJournal(journal, options.without, clock),
      random: random.next,
      proofs: () => PROOFS,
      onLink: () => undefined,
      onStoreChanged: () => reporting.replay(),
    },
  );
}

/** REPORTING_THREADS: they deliver as the real ones do, beside the event loop, and die over a task now and then. */
class SimulatedThreads implements Threads {
  busy = 0;
  readonly size: number;
  readonly #deliver: (task: DeliveryTask) => Promise<DeliveryResult>;
  readonly #dies: () => boolean;

  constructor(size: number, deliver: (task: DeliveryTask) => Promise<DeliveryResult>, dies: () => boolean) {
    this.size = size;
    this.#deliver = deliver;
    this.#dies = dies;
  }

  get free(): boolean {
    return this.busy < this.size;
  }

  async run(task: Parameters<Threads['run']>[0]): ReturnType<Threads['run']> {
    if (task.kind !== 'segment') return null;
    this.busy += 1;
    const result = await this.#deliver(task.task);
    this.busy -= 1;
    return this.#dies() ? null : { result, verdicts: [], calls: [] };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
