import type { Clock } from '../../../shared/clock.ts';
import { Fault, backendErrors } from '../../../shared/errors.ts';
import type { AuthorizeAnswer, AuthorizeRequest } from '../../../shared/wire/authorize.ts';
import type { BatchAnswer, BatchRequest } from '../../../shared/wire/batches.ts';
import type { ServiceProof } from '../../../shared/wire/common.ts';
import { PRODUCT, PROTOCOL_VERSION } from '../../../shared/wire/discovery.ts';
import type { Discovery } from '../../../shared/wire/discovery.ts';
import type { HeartbeatAnswer, HeartbeatRequest } from '../../../shared/wire/heartbeat.ts';
import type { LeasesAnswer, LeasesRequest } from '../../../shared/wire/leases.ts';
import type { BatchOutcome, GatewayBatches } from '../../batches/contract.ts';
import type { GatewayConfiguration } from '../../leases/contract.ts';
import { LEASE_TIME } from '../../leases/leases.ts';
import type { LeaseService } from '../../leases/leases.ts';
import type { Store } from '../../store/store.ts';

export interface GatewayCallsDeps {
  readonly store: Pick<Store, 'identity' | 'health'>;
  readonly clock: Clock;
  readonly configuration: GatewayConfiguration;
  readonly leases: LeaseService;
  readonly batches: GatewayBatches;
}

/** The calls of the gateway protocol, as they are answered whatever carries them. Throw a Fault, or StoreUnavailable. */
export class GatewayCalls {
  readonly #deps: GatewayCallsDeps;

  constructor(deps: GatewayCallsDeps) {
    this.#deps = deps;
  }

  async discover(): Promise<Discovery> {
    const { store, clock } = this.#deps;
    const { limits } = await store.health();
    const identity = store.identity();
    return {
      product: PRODUCT,
      versions: [PROTOCOL_VERSION],
      store: identity,
      now: clock.now(),
      leaseTime: LEASE_TIME,
      limits,
    };
  }

  async authorize(body: AuthorizeRequest): Promise<AuthorizeAnswer> {
    return this.#deps.leases.authorize(body, await this.#services(body.services));
  }

  async leases(body: LeasesRequest): Promise<LeasesAnswer> {
    return this.#deps.leases.run(body, await this.#services(body.services));
  }

  async heartbeat(body: HeartbeatRequest): Promise<HeartbeatAnswer> {
    return this.#deps.leases.heartbeat(body, await this.#services(body.services));
  }

  async batches(body: BatchRequest): Promise<BatchAnswer> {
    const { store, batches, clock } = this.#deps;
    const identity = store.identity();
    return batchAnswer(await batches.apply(body, await this.#services(body.services)), identity, clock.now());
  }

  /** Those whose token is valid; none is an error. */
  async #services(proofs: readonly ServiceProof[]): Promise<ReadonlySet<string>> {
    const valid = await this.#deps.configuration.authenticate(proofs);
    if (valid.size === 0) throw new Fault(backendErrors.unauthorized, 'no valid token for any of the services');
    return valid;
  }
}

/** 422: this identity must be set aside by the gateway and never be sent again. */
function batchAnswer(outcome: BatchOutcome, store: string, now: number): BatchAnswer {
  switch (outcome.result) {
    case 'conflict':
      throw new Fault(backendErrors.batchConflict);
    case 'malformed':
      throw new Fault(backendErrors.batchMalformed, outcome.reason);
    case 'applied':
    case 'repeat':
      return { store, now, result: outcome.result, setAside: outcome.setAside.map((each) => ({ ...each })) };
  }
}
