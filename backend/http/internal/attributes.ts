import type { FastifyRequest } from 'fastify';
import { isObject } from '../../configuration/records/fields.ts';
import type { JsonObject } from '../../configuration/records/fields.ts';
import type { Json } from '../../store/store.ts';
import { InternalError } from './errors.ts';
import { JsonBody } from './json-body.ts';

const NOTHING: JsonObject = {};

/** The body's members; none when there is no body. */
export function membersOf(request: FastifyRequest): JsonObject {
  const { body } = request;
  return body instanceof JsonBody && isJsonObject(body.value) ? body.value : NOTHING;
}

/** The object under a wrapper such as `service`. Throws 400 when it is missing. */
export function wrapped(request: FastifyRequest, name: string): JsonObject {
  const value = membersOf(request)[name];
  if (isObject(value)) return value;
  throw new InternalError(400, { status: 'error', error: `missing parameter '${name}'` });
}

/** An attribute as text: numbers are taken as they are written; absent and null are the same. */
export function attribute(members: JsonObject, name: string): string | undefined {
  const value = members[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export function flagAttribute(members: JsonObject, name: string): boolean | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  return value === true || value === 1 || value === '1' || value === 'true';
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A parameter of the path; empty when it has none of this name. */
export function pathParameter(request: FastifyRequest, name: string): string {
  const parameters: unknown = request.params;
  if (typeof parameters !== 'object' || parameters === null || !(name in parameters)) return '';
  const value: unknown = Reflect.get(parameters, name);
  return typeof value === 'string' ? value : '';
}

/** A parameter of the query; undefined when it is absent or repeated. */
export function queryParameter(request: FastifyRequest, name: string): string | undefined {
  const parameters: unknown = request.query;
  if (typeof parameters !== 'object' || parameters === null) return undefined;
  const value: unknown = Reflect.get(parameters, name);
  return typeof value === 'string' ? value : undefined;
}

/** The integer at the beginning of a text, 0 where there is none. */
export function leadingInteger(value: Json | undefined): number {
  const text = typeof value === 'number' ? String(value) : value;
  const digits = typeof text === 'string' ? /^\s*([-+]?\d{1,15})/.exec(text)?.[1] : undefined;
  return digits === undefined ? 0 : Number(digits);
}
