import type { AuthorizeMessage, DenialCode, WireCredentials } from '../../shared/wire/authorize.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { ConfiguredService, Lookup } from '../configuration/lookup.ts';
import { firstDenial } from '../domain/checks/order.ts';
import type { Metric } from '../domain/metric.ts';
import type { Application } from '../domain/model.ts';
import type { Authorization, GatewayConfiguration, MetricLimits } from './contract.ts';

/** For how long an answer may be used where nothing is known that ends it, ms; a change of the configuration ends it earlier. */
const LONGEST_TTL = 86_400_000;

/** What the configuration says of itself: nothing that `lookup` answers is older than `version`. */
export interface VersionedLookup {
  readonly lookup: Lookup;
  readonly version: number;
}

/** The gateway protocol's view of the configuration. Rejects with StoreUnavailable. */
export class ConfiguredGateways implements GatewayConfiguration {
  readonly #configuration: VersionedLookup;

  constructor(configuration: VersionedLookup) {
    this.#configuration = configuration;
  }

  async authenticate(proofs: readonly ServiceProof[]): Promise<ReadonlySet<string>> {
    const valid = await Promise.all(proofs.map(async (proof) => this.#isValid(proof)));
    return new Set(proofs.filter((_, index) => valid[index]).map(({ service }) => service));
  }

  async authorize(message: AuthorizeMessage, at: number): Promise<Authorization> {
    const { lookup, version } = this.#configuration;
    const service = await lookup.service(message.service);
    if (service === null) return { denied: 'application_not_found', version, byReferrer: false };
    const application = await findApplication(service, message.credentials, lookup);
    if (typeof application === 'string') return { denied: application, version, byReferrer: false };
    const byReferrer = service.referrerFiltersRequired && application.referrerFilters.length > 0;
    const appKey = message.credentials.kind === 'app_id' ? message.credentials.appKey : null;
    const presented = { appKey, referrer: message.referrer, redirectUrl: null, redirectUri: null };
    const denial = firstDenial(application, presented, false, at);
    if (denial !== null) return { denied: denialCode(denial.code), version, byReferrer };
    const expiry = application.keys.nextExpiry(at);
    const ttl = expiry === null ? LONGEST_TTL : Math.min(LONGEST_TTL, Math.max(0, expiry - at));
    const metrics = message.metrics.map((name) => limitsOf(application, name, version));
    return { denied: null, version, application: application.id, plan: application.planName, byReferrer, ttl, metrics };
  }

  async limits(service: string, application: string, metric: string): Promise<MetricLimits | 'no metric' | null> {
    const { lookup, version } = this.#configuration;
    const found = await lookup.application(service, application);
    return found === null ? null : (limitsOf(found, metric, version) ?? 'no metric');
  }

  async #isValid({ service, tokenKind, token }: ServiceProof): Promise<boolean> {
    const { lookup } = this.#configuration;
    if (tokenKind === 'service_token') return lookup.hasToken(service, token);
    const [provider, configured] = await Promise.all([lookup.provider(token), lookup.service(service)]);
    return provider !== null && configured !== null && configured.provider === provider.id;
  }
}

async function findApplication(
  service: ConfiguredService,
  credentials: WireCredentials,
  lookup: Lookup,
): Promise<Application | DenialCode> {
  const byUserKey = service.backendVersion === '1';
  switch (credentials.kind) {
    case 'token':
      return 'token_invalid';
    case 'user_key': {
      if (!byUserKey) return 'credentials_not_accepted';
      const id = await lookup.applicationWith(service.id, credentials.userKey);
      const application = id === null ? null : await lookup.application(service.id, id);
      return application ?? 'user_key_invalid';
    }
    case 'app_id':
      if (byUserKey) return 'credentials_not_accepted';
      return (await lookup.application(service.id, credentials.appId)) ?? 'application_not_found';
  }
}

/** The protocol's name for a denial of the 3scale contract. */
function denialCode(code: string): DenialCode {
  if (code === 'application_key_invalid' || code === 'referrer_not_allowed') return code;
  return 'application_not_active';
}

function limitsOf({ service, limits }: Application, name: string, version: number): MetricLimits | null {
  const metric = service.metrics.named(name);
  if (metric === undefined) return null;
  const bounds = limits.flatMap(({ source, ...bound }) =>
    source !== null && metric.chain.includes(source) ? [{ ...bound, name: source.name }] : [],
  );
  const own = (of: (metric: Metric) => string): string[] => metric.chain.map(of);
  return { version, chain: own(({ id }) => id), names: own((each) => each.name), bounds };
}
