import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfigurationFile } from '../../../gateway/config/file.ts';
import { fileSettings } from '../../../gateway/config/file-settings.ts';
import { ConfigurationError } from '../../../shared/env.ts';
import { packageRoot } from '../../../shared/package-root.ts';

const fixtures = join(packageRoot, 'test/fixtures/config');

function problems(text: string, name: string): readonly string[] {
  try {
    parseConfigurationFile(text, name);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('a bad file is refused with the place and what would be right', () => {
  // The first line of each file says what is expected: `# LINE:COL message`.
  for (const name of readdirSync(join(fixtures, 'bad')).filter(
    (each) => each.endsWith('.yaml') && each !== 'empty.yaml',
  )) {
    it(`${name} is refused`, () => {
      const text = readFileSync(join(fixtures, 'bad', name), 'utf8');
      const [, position = '', message = ''] = /^# (\d+:\d+) (.*)\n/.exec(text) ?? [];
      const found = problems(text, name);
      expect(found[0]).toBe(`${name}:${position}: ${message}`);
      expect(found).toHaveLength(1);
    });
  }

  it('empty.yaml', () => expect(problems('', 'empty.yaml')).toEqual(['empty.yaml:1:1: the file is empty']));

  it('unknown-member.json', () => {
    const text = readFileSync(join(fixtures, 'bad/unknown-member.json'), 'utf8');
    expect(problems(text, 'c.json')).toEqual(['c.json:2:2: "prt" is not known here; did you mean "port"?']);
  });

  it('several problems are told at once, in the order of the file', () => {
    expect(problems('prt: 1\nhost: 5\nwokers: 1\n', 'c.yaml').map((problem) => problem.slice(0, 10))).toEqual([
      'c.yaml:1:1',
      'c.yaml:2:7',
      'c.yaml:3:1',
    ]);
  });

  it('a token is never shown', () => {
    const [problem] = problems('services:\n  - { id: a, token: 12345, upstream: "http://a" }\n', 'c.yaml');
    expect(problem).toBe('c.yaml:2:21: the value is not a string');
  });

  it('aliases cannot blow a small file up', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...'bcdefghi'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(', ')}]`),
    ];
    expect(() => parseConfigurationFile(bomb.join('\n'), 'c.yaml')).toThrow(/alias/i);
  });
});

describe('a good file', () => {
  it('is the example of the documentation', () => {
    const text = readFileSync(join(fixtures, 'good/example.yaml'), 'utf8');
    const { configuration, warnings } = parseConfigurationFile(text, 'example.yaml');
    expect(configuration.services).toHaveLength(1);
    expect(warnings).toEqual([]);
    expect(fileSettings(configuration).server).toEqual({
      headTimeoutMs: 10_000,
      bodyTimeoutMs: 30_000,
      idleTimeoutMs: 75_000,
    });
  });

  it('can be JSON, also with tabs', () => {
    const { configuration } = parseConfigurationFile(
      '{\n\t"port": 80,\n\t"timeouts": {\n\t\t"head": "5s"\n\t}\n}\n',
      'c.json',
    );
    expect(fileSettings(configuration)).toMatchObject({ port: 80, server: { headTimeoutMs: 5000 } });
  });

  it('has no settings but those that it says', () => {
    expect(fileSettings(parseConfigurationFile('journal: { maxBytes: 1MiB }', 'c.yaml').configuration)).toEqual({
      backend: {},
      reporting: {},
      journal: { maxBytes: 1_048_576 },
      server: {},
      upstream: {},
      hasServices: false,
    });
  });

  it('is warned about a pattern that matches nothing, and one with a query', () => {
    const rules = '[{ pattern: "/d{}", metric: hits }, { pattern: "/q?x=1", metric: hits }]';
    const { warnings } = parseConfigurationFile(
      `services:\n- { id: a, token: t, upstream: "http://a", rules: ${rules} }\n`,
      'c.yaml',
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^c\.yaml:2:\d+: a brace in "\/d\{\}" is no placeholder/),
      expect.stringMatching(/^c\.yaml:2:\d+: "\?x=1" is not part of the path/),
    ]);
  });
});
