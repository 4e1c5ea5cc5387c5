import type { Clock } from '../../shared/clock.ts';
import { WIRE_BOUNDS } from '../../shared/wire/bounds.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { LeaseMessage, LeaseReply, LeasesAnswer } from '../../shared/wire/leases.ts';
import type { BackendTransport } from './transport.ts';

/** A message's names may take this many bytes of a call together; the rest of a message is short. */
const NAME_BYTES_PER_CALL = WIRE_BOUNDS.bodyBytes / 2;

/** A message that has not been answered yet: repeated word for word until it is (protocol R5). */
export interface Pending<Owner> {
  readonly owner: Owner;
  readonly message: LeaseMessage;
  /** Monotonic time from which it is sent again, and how long that takes next time. */
  repeatAt: number;
  wait: number;
}

export interface MessengerDeps<Owner> {
  readonly clock: Clock;
  readonly transport: BackendTransport;
  /** In [0, 1): spreads the repeats. */
  readonly random: () => number;
  readonly proofs: (services: ReadonlySet<string>) => readonly ServiceProof[];
  /** The shortest wait before a repeat, now. */
  readonly repeatAfter: () => number;
  /** The longest. */
  readonly backendTimeout: number;
  /** An answer came, to a call sent and answered at these times. False: ignore its replies. */
  readonly heard: (answer: LeasesAnswer, sentAt: number, answeredAt: number) => boolean;
  readonly unanswered: () => void;
  /**
   * A reply to the newest message of `owner`; `sentAt` is that of the copy that was answered, `backendNow` the backend's
   * clock in it. After `outage` the message is still pending and will be repeated, after any other it is not.
   */
  readonly replied: (pending: Pending<Owner>, reply: LeaseReply, times: AnswerTimes) => void;
}

export interface AnswerTimes {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly backendNow: number;
}

/** Carries lease messages of one epoch: many in one call, repeated until answered, replies to superseded ones dropped. */
export class Messenger<Owner> {
  readonly #epoch: string;
  readonly #deps: MessengerDeps<Owner>;
  readonly #pending = new Set<Pending<Owner>>();
  /** Messages sent, repeats included. */
  sent = 0;
  #urgent: Pending<Owner>[] = [];
  #others: Pending<Owner>[] = [];

  constructor(epoch: string, deps: MessengerDeps<Owner>) {
    this.#epoch = epoch;
    this.#deps = deps;
  }

  /** Messages without an answer. */
  get size(): number {
    return this.#pending.size;
  }

  /** Messages that were posted and not sent yet, and that somebody waits for. */
  get urgent(): boolean {
    return this.#urgent.length > 0;
  }

  get unsent(): boolean {
    return this.#urgent.length + this.#others.length > 0;
  }

  /** `urgent`: somebody waits for the answer. The others wait for the next turn, or go along with an urgent one. */
  post(owner: Owner, message: LeaseMessage, urgent: boolean): Pending<Owner> {
    const pending = { owner, message, repeatAt: Infinity, wait: this.#deps.repeatAfter() };
    this.#pending.add(pending);
    (urgent ? this.#urgent : this.#others).push(pending);
    return pending;
  }

  /** It was superseded or has no meaning any more: not repeated, its answer is dropped. */
  cancel(pending: Pending<Owner>): void {
    this.#pending.delete(pending);
  }

  /** Sends what was posted and not sent yet. */
  flush(): void {
    const unsent = [...this.#urgent, ...this.#others];
    this.#urgent = [];
    this.#others = [];
    this.#send(unsent.filter((pending) => this.#pending.has(pending)));
  }

  /** Sends again what should have been answered by `now`: every wait ends here, not by a timer of its own. */
  repeat(now: number): void {
    const due: Pending<Owner>[] = [];
    for (const pending of this.#pending) if (now >= pending.repeatAt) due.push(pending);
    this.#send(due);
  }

  #send(messages: readonly Pending<Owner>[]): void {
    let call: Pending<Owner>[] = [];
    let services = new Set<string>();
    let bytes = 0;
    for (const pending of messages) {
      const { service } = pending.message;
      const size = nameBytes(pending.message);
      const full =
        call.length === WIRE_BOUNDS.messages ||
        bytes + size > NAME_BYTES_PER_CALL ||
        (services.size === WIRE_BOUNDS.services && !services.has(service));
      if (full && call.length > 0) {
        this.#call(call, services);
        call = [];
        services = new Set();
        bytes = 0;
      }
      call.push(pending);
      services.add(service);
      bytes += size;
    }
    if (call.length > 0) this.#call(call, services);
  }

  #call(call: readonly Pending<Owner>[], services: ReadonlySet<string>): void {
    const { clock, random, backendTimeout, transport, proofs, unanswered } = this.#deps;
    const sentAt = clock.monotonic();
    this.sent += call.length;
    for (const pending of call) {
      pending.repeatAt = sentAt + pending.wait * (1 + 0.2 * random());
      pending.wait = Math.min(backendTimeout, 2 * pending.wait);
    }
    const messages = call.map((pending) => pending.message);
    transport.leases({ epoch: this.#epoch, services: [...proofs(services)], messages }, (answer) => {
      if (answer === null || answer.replies.length !== call.length) unanswered();
      else this.#answered(call, answer, sentAt);
    });
  }

  #answered(call: readonly Pending<Owner>[], answer: LeasesAnswer, sentAt: number): void {
    const answeredAt = this.#deps.clock.monotonic();
    if (!this.#deps.heard(answer, sentAt, answeredAt)) return;
    const times = { sentAt, answeredAt, backendNow: answer.now };
    for (const [index, pending] of call.entries()) {
      const reply = answer.replies[index];
      if (reply === undefined || !this.#pending.has(pending)) continue;
      if (reply.code !== 'outage') this.#pending.delete(pending);
      this.#deps.replied(pending, reply, times);
    }
  }
}

/** At most: a character takes up to six bytes in JSON. */
function nameBytes(message: LeaseMessage): number {
  return 6 * (message.service.length + message.application.length + message.metric.length);
}
