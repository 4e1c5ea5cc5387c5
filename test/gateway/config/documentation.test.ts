import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfigurationFile } from '../../../gateway/config/file.ts';
import { ALIASES } from '../../../gateway/config/aliases.ts';
import { VARIABLES } from '../../../gateway/config/names.ts';
import { publishedSchema } from '../../../gateway/config/schema.ts';
import { packageRoot } from '../../../shared/package-root.ts';

const page = readFileSync(join(packageRoot, 'docs/configuration.md'), 'utf8');
const rules = readFileSync(join(packageRoot, 'docs/mapping-rules.md'), 'utf8');

it('docs/configuration.md has every variable, in order', () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual([...VARIABLES]);
});

it('docs/configuration.md has every alias', () => {
  for (const name of Object.values(ALIASES).flat()) expect(page).toContain(`\`${name}\``);
});

it('the file of docs/configuration.md can be used, and has every member there is', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const { configuration, warnings } = parseConfigurationFile(yaml, 'docs/configuration.md');
  expect(warnings).toEqual([]);
  const known = Object.keys((publishedSchema() as { properties: object }).properties).filter(
    (name) => name !== '$schema',
  );
  expect(Object.keys(configuration).toSorted()).toEqual(known.toSorted());
  const service = (publishedSchema() as { properties: { services: { items: { properties: object } } } }).properties
    .services;
  const members = Object.keys(service.items.properties).filter((name) => name !== 'providerKey');
  expect(Object.keys(configuration.services?.[0] ?? {}).toSorted()).toEqual(members.toSorted());
});

it('the rules of docs/mapping-rules.md can be used', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(rules) ?? [];
  const service = `services:\n  - id: a\n    token: t\n    upstream: http://a.test\n    ${yaml.replaceAll('\n', '\n    ')}`;
  const { configuration, warnings } = parseConfigurationFile(service, 'docs/mapping-rules.md');
  expect(warnings).toEqual([]);
  expect(configuration.services?.[0]?.rules).toHaveLength(5);
});
