import type { Clock } from '../../shared/clock.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { HeartbeatAnswer } from '../../shared/wire/heartbeat.ts';
import type { BackendLink } from './backend-link.ts';
import type { BackendTransport } from './transport.ts';

export interface HeartbeatDeps {
  readonly clock: Clock;
  readonly transport: BackendTransport;
  readonly link: BackendLink;
  readonly proofs: () => readonly ServiceProof[];
  /** An answer came; false: it speaks of a store that was replaced. */
  readonly heard: (answer: HeartbeatAnswer, sentAt: number, answeredAt: number) => boolean;
  readonly answered: (answer: HeartbeatAnswer, sentAt: number, answeredAt: number) => void;
}

/** Says once per lease time that this gateway lives, and hears what changed (protocol R6, R15). */
export class Heartbeat {
  readonly #epoch: string;
  readonly #deps: HeartbeatDeps;

  constructor(epoch: string, deps: HeartbeatDeps) {
    this.#epoch = epoch;
    this.#deps = deps;
  }

  beat(): void {
    const { clock, transport, link, proofs, heard, answered } = this.#deps;
    const sentAt = clock.monotonic();
    const { store, version } = link.versions;
    transport.heartbeat({ epoch: this.#epoch, services: [...proofs()], store, version }, (answer) => {
      const answeredAt = clock.monotonic();
      if (answer === null) link.unanswered();
      else if (heard(answer, sentAt, answeredAt)) answered(answer, sentAt, answeredAt);
    });
  }
}
