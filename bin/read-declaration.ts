import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { declarationProblems } from '../backend/configuration/declarative/problems.ts';
import { declarationSchema } from '../backend/configuration/declarative/schema.ts';
import type { Declaration } from '../backend/configuration/declarative/schema.ts';
import { ConfigDocument } from '../gateway/config/document.ts';
import { problemAt } from '../gateway/config/problem.ts';
import { describeSchemaError } from '../gateway/config/schema-message.ts';
import { UsageError } from './usage-error.ts';

/** Reads a declaration from YAML or JSON. Throws with `file:line:col` for everything that is wrong with it. */
export function readDeclaration(file: string): Declaration {
  const document = new ConfigDocument(readText(file), file);
  const validate = new Ajv2020({ allErrors: true, verbose: true }).compile<Declaration>(declarationSchema);
  const { value } = document;
  if (!validate(value)) {
    document.refuse((validate.errors ?? []).map(describeSchemaError));
    throw new UsageError(`${file}: it cannot be used`);
  }
  document.refuse(declarationProblems(value).map(({ path, message }) => problemAt(path, message)));
  return value;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}
