import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { publishedSchema } from '../../../gateway/config/schema.ts';
import { packageRoot } from '../../../shared/package-root.ts';

it('the published JSON Schema is the one that files are checked against', () => {
  const published: unknown = JSON.parse(readFileSync(join(packageRoot, 'docs/configuration.schema.json'), 'utf8'));
  // After a change: tallygate check --schema > docs/configuration.schema.json
  expect(published).toEqual(JSON.parse(JSON.stringify(publishedSchema())));
});
