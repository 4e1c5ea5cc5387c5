import type { BatchOwner } from '../../shared/wire/batches.ts';
import type { Lookup } from '../configuration/lookup.ts';
import type { Application } from '../domain/model.ts';

/** Why something was not counted, for the provider of the service. */
export interface Problem {
  readonly service: string;
  readonly code: string;
  readonly message: string;
}

export type Owner = { readonly application: Application } | { readonly problem: Problem };

/** Owners looked up at once: each may ask the store. */
const AT_ONCE = 256;

/** The applications of a batch's owners, in their order. */
export async function findOwners(
  owners: readonly BatchOwner[],
  services: ReadonlySet<string>,
  lookup: Lookup,
): Promise<readonly Owner[]> {
  const found: Owner[] = [];
  for (let first = 0; first < owners.length; first += AT_ONCE) {
    const some = owners.slice(first, first + AT_ONCE);
    found.push(...(await Promise.all(some.map((owner) => findOwner(owner, services, lookup)))));
  }
  return found;
}

async function findOwner(owner: BatchOwner, services: ReadonlySet<string>, lookup: Lookup): Promise<Owner> {
  const { service, kind, id } = owner;
  if (!services.has(service)) {
    return { problem: { service, code: 'service_token_invalid', message: 'the gateway had no valid token for it' } };
  }
  const applicationId = kind === 'user_key' ? await lookup.applicationWith(service, id) : id;
  const application = applicationId === null ? null : await lookup.application(service, applicationId);
  if (application !== null) return { application };
  // A user key is a secret: it is not repeated in what is stored.
  if (kind === 'user_key') {
    return { problem: { service, code: 'user_key_invalid', message: 'a user key is not known (any more)' } };
  }
  const message = `application with id=${JSON.stringify(id)} was not found`;
  return { problem: { service, code: 'application_not_found', message } };
}
