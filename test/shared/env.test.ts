import { expect, test } from 'vitest';
import { ConfigurationError, EnvironmentReader, isLoopback } from '../../shared/env.ts';

test('an empty variable is an unset one', () => {
  expect(new EnvironmentReader({ PORT: '  ' }).port('PORT', 3000)).toBe(3000);
});

test('an alias is read only when the name itself is unset', () => {
  const aliases = { NAME: ['OLD_NAME'] };
  expect(new EnvironmentReader({ OLD_NAME: 'b' }, aliases).text('NAME')).toBe('b');
  expect(new EnvironmentReader({ NAME: 'a', OLD_NAME: 'b' }, aliases).text('NAME')).toBe('a');
});

test.each(['1e3', '0x10', '-1', '1.5', '65536', '99999999999999999999', 'abc'])('%s is not a port', (text) => {
  const reader = new EnvironmentReader({ PORT: text });
  expect(reader.port('PORT', 3000)).toBe(3000);
  expect(() => reader.finish()).toThrow('PORT');
});

test('all problems are reported at once, each with its remedy', () => {
  const reader = new EnvironmentReader({ PORT: 'x', WORKER: 'maybe', LOG_LEVEL: 'loud' });
  reader.port('PORT', 0);
  reader.flag('WORKER', true);
  reader.oneOf('LOG_LEVEL', ['info', 'debug'], 'info');
  const problem = caught(() => reader.finish());
  expect(problem.problems).toEqual([
    'PORT: "x" cannot be used; use a whole number from 0 to 65535',
    'WORKER: "maybe" cannot be used; use on or off',
    'LOG_LEVEL: "loud" cannot be used; use one of info, debug',
  ]);
});

test('a problem with a URL does not show the URL, which may hold a password', () => {
  const reader = new EnvironmentReader({ HOOK: 'ftp://me:s3cret@host/' });
  expect(reader.url('HOOK', ['http:', 'https:'])).toBeNull();
  expect(caught(() => reader.finish()).message).toBe(
    'HOOK: it is not a URL that can be used here; use one that starts with http:// or https://',
  );
});

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.org', false],
  ['10.0.0.1', false],
])('%s is a loopback host: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

function caught(task: () => void): ConfigurationError {
  try {
    task();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
  }
  throw new Error('nothing was reported');
}
