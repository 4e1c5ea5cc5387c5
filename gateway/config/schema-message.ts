import type { ErrorObject } from 'ajv/dist/2020.js';
import { didYouMean } from '../../shared/suggest.ts';
import { problemAt } from './problem.ts';
import type { ConfigPath, Problem } from './problem.ts';
import { quote } from './values.ts';

/** Members whose values are never shown. */
const SECRET_MEMBERS = new Set(['token', 'providerKey']);

/** One error of the schema check in words: what is wrong, and what would be right. */
export function describeSchemaError(error: ErrorObject): Problem {
  const path = pathOf(error.instancePath);
  const given = shown(error.data, path);
  const text = typeof error.data === 'string' ? error.data : '';
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownMember(path, error);
    case 'required':
      return problemAt(path, `"${param(error, 'missingProperty')}" is missing`);
    case 'enum':
      return problemAt(path, `${given} is not one of ${choices(error).join(', ')}${didYouMean(text, choices(error))}`);
    case 'type':
      return problemAt(path, `${given} is not ${article(param(error, 'type'))}${examples(error.parentSchema)}`);
    case 'anyOf':
      return problemAt(path, `${given} is not ${alternatives(error)}`);
    case 'pattern':
      return problemAt(path, `${given} cannot be used here${hint(error)}`);
    default:
      return problemAt(path, `${given} ${error.message ?? 'cannot be used'}`);
  }
}

function unknownMember(path: ConfigPath, error: ErrorObject): Problem {
  const name = param(error, 'additionalProperty');
  const schema = record(error.parentSchema);
  const known = Object.keys(record(schema['properties']));
  const wrong = known.length === 0 ? `"${name}" cannot be a name here` : `"${name}" is not known here`;
  const meant = didYouMean(name, known);
  const others = meant === '' && known.length > 0 && known.length <= 8 ? `; known are ${known.join(', ')}` : meant;
  return problemAt([...path, name], wrong + others, true);
}

function pathOf(pointer: string): ConfigPath {
  if (pointer === '') return [];
  const parts = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function shown(data: unknown, path: ConfigPath): string {
  const member = path.at(-1);
  if (typeof member === 'string' && SECRET_MEMBERS.has(member)) return 'the value';
  if (typeof data === 'string') return quote(data);
  if (data === null) return 'an empty value';
  if (typeof data === 'object') return Array.isArray(data) ? 'a list' : 'an object';
  return typeof data === 'number' || typeof data === 'boolean' ? String(data) : 'the value';
}

function choices(error: ErrorObject): readonly string[] {
  const allowed: unknown = record(error.params)['allowedValues'];
  return Array.isArray(allowed) ? allowed.map(String) : [];
}

function alternatives(error: ErrorObject): string {
  const schemas: unknown = record(error.parentSchema)['anyOf'];
  if (!Array.isArray(schemas)) return 'what is needed here';
  return schemas.map((schema: unknown) => article(typeOf(schema))).join(' or ') + hint(error);
}

function typeOf(schema: unknown): string {
  const { type } = record(schema);
  return typeof type === 'string' ? type : 'value';
}

/** The schema's own examples, or its description, say what would be right. */
function hint(error: ErrorObject): string {
  const schema = record(error.parentSchema);
  return examples(schema) || (typeof schema['description'] === 'string' ? `: ${schema['description']}` : '');
}

function examples(schema: unknown): string {
  const given: unknown = record(schema)['examples'];
  return Array.isArray(given) ? `; use one such as ${given.map(String).join(', ')}` : '';
}

function article(type: string): string {
  switch (type) {
    case 'object':
    case 'array':
    case 'integer':
      return { object: 'an object', array: 'a list', integer: 'a whole number' }[type];
    case 'boolean':
      return 'true or false';
    default:
      return `a ${type}`;
  }
}

function param(error: ErrorObject, name: string): string {
  const value = record(error.params)[name];
  return typeof value === 'string' ? value : '';
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
