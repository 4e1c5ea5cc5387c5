import type { AuditEntry } from '../audit.ts';
import type { JsonObject } from '../records/fields.ts';
import type { ServiceRecord } from '../records/service.ts';
import { fingerprint } from '../secrets.ts';

/** An entry of the audit trail about a service; the provider key is shown by its fingerprint. */
export function serviceAudit(
  action: string,
  id: string,
  before: ServiceRecord | null,
  after: ServiceRecord | null,
): AuditEntry {
  return { action, subject: { service: id }, before: before && shown(before), after: after && shown(after) };
}

function shown(record: ServiceRecord): JsonObject {
  const { active, backendVersion, referrerFiltersRequired, provider } = record;
  return { active, backendVersion, referrerFiltersRequired, providerKey: fingerprint(provider) };
}
