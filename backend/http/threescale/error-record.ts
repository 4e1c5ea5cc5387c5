import { contractErrors } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import type { ThreescaleDeps } from './deps.ts';
import type { FormMap } from './form/form.ts';
import { credential } from './parameters.ts';

/** Errors that are told to the caller only: whoever they name did not show that it belongs to the service. */
const NOT_RECORDED: ReadonlySet<string> = new Set([
  contractErrors.serviceIdInvalid('').code,
  contractErrors.serviceTokenInvalid('', '').code,
]);

/**
 * Keeps an error document for the provider to see. `service`: null when the caller was refused before its service was
 * known; then it is the one that the caller named, where that exists. The request itself is not kept: it holds keys.
 * A store that cannot take it does not change the answer.
 */
export async function recordError(
  deps: ThreescaleDeps,
  service: string | null,
  values: FormMap,
  error: ContractError,
): Promise<void> {
  if (NOT_RECORDED.has(error.code)) return;
  try {
    const id = service ?? (await namedService(deps, values));
    if (id !== null) await deps.errors.record(id, { code: error.code, message: error.message });
  } catch (reason) {
    deps.log.warn({ err: reason, code: error.code }, 'an integration error could not be kept');
  }
}

async function namedService(deps: ThreescaleDeps, values: FormMap): Promise<string | null> {
  const id = credential(values, 'service_id');
  if (id !== null) return (await deps.lookup.service(id))?.id ?? null;
  const key = credential(values, 'provider_key');
  return key === null ? null : ((await deps.lookup.provider(key))?.defaultService ?? null);
}
