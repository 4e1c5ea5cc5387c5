import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Problem } from './problem.ts';
import { fileSchema } from './schema.ts';
import type { FileConfiguration } from './schema.ts';
import { describeSchemaError } from './schema-message.ts';

/** Errors shown at once; the first few lead to the rest. */
const MAX_PROBLEMS = 50;

let compiled: ValidateFunction<FileConfiguration> | null = null;

/** Checks a parsed file against the schema: the configuration, or what is wrong. */
export function validateFile(value: unknown): { configuration: FileConfiguration } | { problems: readonly Problem[] } {
  compiled ??= new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true }).compile<FileConfiguration>(
    fileSchema,
  );
  if (compiled(value)) return { configuration: value };
  const errors = compiled.errors ?? [];
  return {
    problems: errors
      .filter((error) => isTelling(error, errors))
      .slice(0, MAX_PROBLEMS)
      .map(describeSchemaError),
  };
}

/**
 * Of a union, only what is wrong with the alternative that was meant (the one of the value's type) is told: errors
 * inside it stand, "must be string" beside them does not.
 */
function isTelling(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  const inUnion = /\/anyOf\/\d+\//.test(error.schemaPath);
  if (error.keyword === 'anyOf') {
    return !all.some((other) => other !== error && isInside(other, error) && other.keyword !== 'type');
  }
  return !(
    inUnion &&
    error.keyword === 'type' &&
    all.some((other) => other.keyword === 'anyOf' && other.instancePath === error.instancePath)
  );
}

function isInside(error: ErrorObject, union: ErrorObject): boolean {
  return error.schemaPath.startsWith(`${union.schemaPath}/`) && error.instancePath.startsWith(union.instancePath);
}
