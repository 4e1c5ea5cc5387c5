import type { Backend } from './backend.ts';
import type { ProcessClock } from './process-clock.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

export interface NetworkOptions {
  /** Round trip, ms: least and most. */
  readonly roundTrip: readonly [number, number];
  /** Share of messages lost and doubled, in each direction. */
  readonly loss: number;
  readonly doubling: number;
  /** Share of messages that are overtaken by others. */
  readonly lateness: number;
}

/** The link of one gateway: it may be cut, wholly or for lease messages alone. */
export interface Link {
  cutUntil: number;
  leasesCutUntil: number;
}

/** A request as it goes over the wire. */
export interface Message {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
}

/** What comes back: an answer, or what the operating system says of the connection. */
export interface Answered {
  readonly failed: 'ECONNRESET' | 'ECONNREFUSED' | null;
  readonly status: number;
  readonly body: string;
}

const RESET: Answered = { failed: 'ECONNRESET', status: 0, body: '' };
const REFUSED: Answered = { failed: 'ECONNREFUSED', status: 0, body: '' };
/** Of what is lost, how much is told by a connection that breaks; of the rest nobody hears. */
const TOLD = 0.7;

/** Carries calls to some backend and answers back: late, twice, out of order, broken off, or never. */
export class Network {
  loss: number;
  doubling: number;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #options: NetworkOptions;
  readonly #backends: readonly Backend[];
  /** True time until which each backend answers late, and by how much. */
  readonly slow = new Map<Backend, { readonly until: number; readonly by: number }>();

  constructor(timeline: Timeline, random: Random, options: NetworkOptions, backends: readonly Backend[]) {
    this.#timeline = timeline;
    this.#random = random;
    this.#options = options;
    this.#backends = backends;
    this.loss = options.loss;
    this.doubling = options.doubling;
  }

  /** `answered` is called for each copy of the answer that arrives while the process `from` lives. */
  call(link: Link, from: ProcessClock, message: Message, answered: (answer: Answered) => void): void {
    if (from.dead) return;
    const copies = this.#random.chance(this.doubling) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#send(link, from, message, answered);
  }

  #send(link: Link, from: ProcessClock, message: Message, answered: (answer: Answered) => void): void {
    const back = (answer: Answered): void => this.#deliver(from, answered, answer);
    if (this.#isCut(link, message)) return;
    if (this.#isLost()) {
      if (this.#random.chance(TOLD)) back(RESET);
      return;
    }
    const backend = this.#random.pick(this.#backends);
    this.#timeline.after(this.#oneWay() + this.#late() + this.#slowness(backend), () => {
      if (backend.clock.dead) return back(REFUSED);
      backend.clock.run(() => {
        this.#timeline.unsettle();
        void backend.handle(message).then((answer) => {
          if (this.#isCut(link, message)) return;
          if (backend.clock.dead) return back(RESET);
          if (this.#isLost()) {
            if (this.#random.chance(TOLD)) back(RESET);
            return;
          }
          back(answer);
          if (this.#random.chance(this.doubling)) back(answer);
        });
      });
    });
  }

  #deliver(from: ProcessClock, answered: (answer: Answered) => void, answer: Answered): void {
    this.#timeline.after(this.#oneWay() + this.#late(), () => from.run(() => answered(answer)));
  }

  #isCut(link: Link, { path }: Message): boolean {
    const { now } = this.#timeline;
    return link.cutUntil > now || (path === '/v1/leases' && link.leasesCutUntil > now);
  }

  #isLost(): boolean {
    return this.#random.chance(this.loss);
  }

  #oneWay(): number {
    const [least, most] = this.#options.roundTrip;
    return this.#random.between(least, most) / 2;
  }

  /** Now and then something is stuck for a while, so that later ones overtake it. */
  #late(): number {
    return this.#random.chance(this.#options.lateness) ? this.#random.exponential(200) : 0;
  }

  #slowness(backend: Backend): number {
    const slow = this.slow.get(backend);
    return slow !== undefined && slow.until > this.#timeline.now ? slow.by : 0;
  }
}
