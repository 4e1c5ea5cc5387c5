import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { backendErrors, engineErrors, gatewayErrors } from '../../../shared/errors.ts';
import { packageRoot } from '../../../shared/package-root.ts';
import { get, startStack } from '../../harness/stack.ts';

interface Row {
  readonly failure: string;
  readonly answer: string;
  readonly log: string;
  readonly metric: string;
  readonly test: string;
}

const SIDES = ['Client', 'Upstream', 'Backend', 'Redis', 'Disk', 'Configuration', 'Workers'];
const STATUS = new Map(
  [backendErrors, engineErrors, gatewayErrors].flatMap((registry) =>
    Object.values(registry).map(({ code, status }) => [code, status] as const),
  ),
);
const page = readFileSync(join(packageRoot, 'docs/failures.md'), 'utf8');
const rows: readonly Row[] = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| failure') && !line.startsWith('| ---'))
  .map((line) => {
    const [, failure = '', answer = '', log = '', metric = '', , shown = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    return { failure, answer, log, metric, test: shown };
  });

/** All source text of the product, to look for log codes in. */
function source(folder: string): string {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(packageRoot, folder, name), 'utf8'))
    .join('\n');
}

let metrics = '';
let product = '';

beforeAll(async () => {
  const stack = await startStack({ store: 'redis' });
  await stack.application('caller', null);
  const [gateway] = stack.gateways;
  await get(gateway?.port ?? 0, '/?user_key=caller');
  const several = await stack.startGateway({ WORKERS: '2' });
  const scrapes = [gateway?.adminPort ?? 0, several.adminPort, stack.backend.port].map((port) => get(port, '/metrics'));
  metrics = (await Promise.all(scrapes)).map(({ body }) => body).join('');
  product = source('gateway') + source('backend');
});

test('there is a table for every side', () => {
  for (const side of SIDES) expect(page).toContain(`\n## ${side}\n`);
  expect(rows.length).toBeGreaterThan(50);
});

describe.each(rows)('$failure', (row) => {
  test('its answer is in the registry, with this status', () => {
    for (const [, code = '', status = ''] of row.answer.matchAll(/`([a-z_]+)` \((\d+)\)/g)) {
      expect([code, STATUS.get(code)]).toEqual([code, Number(status)]);
    }
    expect(row.answer.length).toBeGreaterThan(0);
  });

  test('its test exists', () => {
    const [, file = '', title = ''] = /^`(test\/[^`]+\.test\.ts)`: (.+)$/.exec(row.test) ?? [];
    expect([file, existsSync(join(packageRoot, file)) && file !== '']).toEqual([file, true]);
    expect(readFileSync(join(packageRoot, file), 'utf8')).toContain(`'${title}'`);
  });

  test('its log code and its metric are those of the product', () => {
    for (const [, code = ''] of row.log.matchAll(/`(\w+)`/g)) expect(product).toContain(`code: '${code}'`);
    for (const [, name = ''] of row.metric.matchAll(/`(\w+)`/g)) expect(metrics).toContain(`# TYPE ${name} `);
  });
});
