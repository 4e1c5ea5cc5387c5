import { Type } from 'typebox';
import type { TProperties, TSchema } from 'typebox';
import { MAX_PIPELINING } from './settings.ts';
import { DURATION_PATTERN, SIZE_PATTERN } from './values.ts';

/** An object that has no other members than these: a misspelt name is an error. */
export function object<const P extends TProperties>(properties: P, description?: string) {
  return Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });
}

export function optional<const S extends TSchema>(schema: S) {
  return Type.Optional(schema);
}

export function durationSchema(description: string) {
  return Type.String({ pattern: DURATION_PATTERN, description, examples: ['500ms', '10s', '5m'] });
}

export function sizeSchema(description: string) {
  const examples = [1_048_576, '64KiB', '1GiB'];
  const text = Type.String({ pattern: SIZE_PATTERN, examples });
  return Type.Union([Type.Integer({ minimum: 0 }), text], { description, examples });
}

export function pipeliningSchema(description: string) {
  return Type.Integer({ minimum: 1, maximum: MAX_PIPELINING, description });
}
