import { AppliedBatches } from '../batches/gateway-batches.ts';
import type { GatewayBatchesDeps } from '../batches/gateway-batches.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { GatewayCallsDeps } from '../http/v1/calls.ts';
import { ConfiguredGateways } from '../leases/configured.ts';
import { LeaseService } from '../leases/leases.ts';
import type { Store } from '../store/store.ts';

export interface GatewayPartsDeps extends Omit<GatewayBatchesDeps, 'counters' | 'lookup'> {
  readonly store: Store;
  readonly configuration: Configuration;
}

/** What answers the gateways: leases, and the application of their batches. */
export function gatewayParts({ store, configuration, ...deps }: GatewayPartsDeps): GatewayCallsDeps {
  const { clock } = deps;
  const gateways = new ConfiguredGateways(configuration);
  const leases = new LeaseService({ store, clock, configuration: gateways });
  const batches = new AppliedBatches({ ...deps, counters: store.counters, lookup: configuration.lookup });
  return { store, clock, configuration: gateways, leases, batches };
}
