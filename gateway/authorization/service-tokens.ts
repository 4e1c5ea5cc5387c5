import type { Logger } from '../../shared/log.ts';
import type { MessageCode, ServiceProof } from '../../shared/wire/common.ts';
import type { ProtocolClient } from '../backend-client/protocol.ts';
import type { BackendTransport } from '../leases/transport.ts';

type Protocol = Pick<ProtocolClient, 'authorize' | 'leases' | 'heartbeat'>;

export interface ServiceTokensDeps {
  readonly log: Logger;
  /** The services in force. */
  readonly services: () => readonly { readonly id: string }[];
}

/**
 * Services whose token the backend refuses. It answers, so that is no outage of its own; for clients it is one, because
 * nothing can be decided. Told once per transition.
 */
export class ServiceTokens {
  readonly #deps: ServiceTokensDeps;
  readonly #refused = new Set<string>();

  constructor(deps: ServiceTokensDeps) {
    this.#deps = deps;
  }

  /** Services in force whose token is refused. */
  get refused(): number {
    return this.#deps.services().filter(({ id }) => this.#refused.has(id)).length;
  }

  /** Nothing is left that the backend would talk about. */
  get allRefused(): boolean {
    return this.#deps.services().every(({ id }) => this.#refused.has(id));
  }

  /** The protocol's calls, listened to. */
  watch(protocol: Protocol): BackendTransport {
    return {
      authorize: (request, done) => {
        const refused = (): void => this.#refuseAll(request.services);
        protocol.authorize(
          request,
          (answer) => {
            this.#hear(request.messages, answer?.replies);
            done(answer);
          },
          refused,
        );
      },
      leases: (request, done) => {
        const refused = (): void => this.#refuseAll(request.services);
        protocol.leases(
          request,
          (answer) => {
            this.#hear(request.messages, answer?.replies);
            done(answer);
          },
          refused,
        );
      },
      heartbeat: (request, done) => {
        const refused = (): void => this.#refuseAll(request.services);
        protocol.heartbeat(
          request,
          (answer) => {
            const [only, ...others] = request.services;
            if (answer !== null && only !== undefined && others.length === 0) this.#accept(only.service);
            done(answer);
          },
          refused,
        );
      },
    };
  }

  #hear(
    messages: readonly { readonly service: string }[],
    replies: readonly { readonly code: MessageCode }[] = [],
  ): void {
    for (const [index, { service }] of messages.entries()) {
      const code = replies[index]?.code;
      if (code === 'unauthenticated') this.#refuse(service);
      else if (code === 'ok') this.#accept(service);
    }
  }

  #refuseAll(proofs: readonly ServiceProof[]): void {
    for (const { service } of proofs) this.#refuse(service);
  }

  #refuse(service: string): void {
    if (this.#refused.has(service)) return;
    this.#refused.add(service);
    this.#deps.log.error(
      { code: 'service_token_refused', service },
      'the backend refuses the token of this service, whose requests are answered as in an outage: compare SERVICE_TOKEN, or services[].token, with the tokens that the backend knows',
    );
  }

  #accept(service: string): void {
    if (!this.#refused.delete(service)) return;
    this.#deps.log.info({ code: 'service_token_accepted', service }, 'the backend accepts the token of this service');
  }
}
