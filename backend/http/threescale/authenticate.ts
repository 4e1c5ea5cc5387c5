import { whenThere } from '../../configuration/cache.ts';
import type { Eventually } from '../../configuration/cache.ts';
import type { ConfiguredService, Lookup, Provider } from '../../configuration/lookup.ts';
import { contractErrors } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import { textOf } from './form/form.ts';
import type { FormMap } from './form/form.ts';
import { credential } from './parameters.ts';

/** How a caller says which service it speaks for; a token has been checked already, a provider key has not. */
export type Claim =
  | { readonly kind: 'provider'; readonly key: string; readonly service: string | null }
  | { readonly kind: 'token'; readonly service: ConfiguredService };

/** Reads the caller's credentials (contract section 3, step 2). A provider key wins over a token. */
export function readClaim(values: FormMap, lookup: Lookup): Eventually<Claim | ContractError> {
  const service = credential(values, 'service_id');
  const key = credential(values, 'provider_key');
  if (key !== null) return { kind: 'provider', key, service };
  const token = textOf(values.get('service_token'));
  if (token === null || token === '') return contractErrors.providerKeyOrServiceTokenRequired;
  if (service === null) return contractErrors.serviceIdMissing;
  const invalid = contractErrors.serviceTokenInvalid(token, service);
  return whenThere(lookup.hasToken(service, token), (known) => {
    if (!known) return invalid;
    return whenThere(lookup.service(service), (found) =>
      found === null ? invalid : { kind: 'token' as const, service: found },
    );
  });
}

/** The service of a claim (contract section 3, step 5). */
export function findService(claim: Claim, lookup: Lookup): Eventually<ConfiguredService | ContractError> {
  if (claim.kind === 'token') return claim.service;
  const { key, service: id } = claim;
  return whenThere(lookup.provider(key), (provider) =>
    id === null ? defaultService(provider, key, lookup) : namedService(provider, key, id, lookup),
  );
}

function defaultService(
  provider: Provider | null,
  key: string,
  lookup: Lookup,
): Eventually<ConfiguredService | ContractError> {
  const missing = contractErrors.providerKeyInvalidOrServiceMissing(key);
  if (provider === null || provider.defaultService === null) return missing;
  return whenThere(lookup.service(provider.defaultService), (service) => service ?? missing);
}

/** `x-42` means service 42, where there is one, before it means `x-42`. */
function namedService(
  provider: Provider | null,
  key: string,
  id: string,
  lookup: Lookup,
): Eventually<ConfiguredService | ContractError> {
  const short = id.slice(id.lastIndexOf('-') + 1);
  return whenThere(lookup.service(short), (found) => {
    if (found !== null || short === id) return ofProvider(found, provider, key, id);
    return whenThere(lookup.service(id), (whole) => ofProvider(whole, provider, key, id));
  });
}

function ofProvider(
  service: ConfiguredService | null,
  provider: Provider | null,
  key: string,
  id: string,
): ConfiguredService | ContractError {
  if (service === null) return contractErrors.serviceIdInvalid(id);
  if (provider === null) return contractErrors.providerKeyInvalid(key);
  return service.provider === provider.id ? service : contractErrors.serviceIdInvalid(id);
}
