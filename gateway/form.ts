import type { Service } from './config/service.ts';
import type { Exchange } from './http1/contract.ts';

const FORM_TYPE = /^application\/x-www-form-urlencoded *(?:;|$)/i;

/** Must the body be read before the request can be decided: has it a form, and does its service look into forms? */
export function readsForm(service: Service, exchange: Pick<Exchange<unknown>, 'method' | 'header'>): boolean {
  if (!service.rules.needsForm && !service.credentials.places.includes('form')) return false;
  const { method } = exchange;
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return false;
  return FORM_TYPE.test(exchange.header('content-type') ?? '');
}
