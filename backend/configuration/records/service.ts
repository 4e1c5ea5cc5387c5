import type { Json } from '../../store/store.ts';
import { flag, isObject, text, texts } from './fields.ts';

export interface ServiceRecord {
  readonly active: boolean;
  /** Digest of the provider key. */
  readonly provider: string;
  /** The provider key itself, sealed. */
  readonly providerKey: Json;
  readonly backendVersion: string | null;
  readonly referrerFiltersRequired: boolean;
}

export function readService(value: Json | undefined): ServiceRecord | null {
  if (!isObject(value)) return null;
  return {
    active: flag(value, 'active'),
    provider: text(value, 'provider') ?? '',
    providerKey: value['providerKey'] ?? null,
    backendVersion: text(value, 'backendVersion'),
    referrerFiltersRequired: flag(value, 'referrerFiltersRequired'),
  };
}

export function writeService(record: ServiceRecord): Json {
  return { ...record };
}

/** A provider: the services under one provider key. */
export interface ProviderRecord {
  /** The service meant where a call names none. */
  readonly defaultService: string | null;
  readonly services: readonly string[];
}

export function readProvider(value: Json | undefined): ProviderRecord | null {
  if (!isObject(value)) return null;
  return { defaultService: text(value, 'defaultService'), services: texts(value['services']) };
}

/** A provider without services is none. */
export function writeProvider(record: ProviderRecord): Json {
  return record.services.length === 0 ? null : { ...record };
}
