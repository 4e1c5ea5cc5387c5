import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../shared/package-root.ts';

const PRODUCT = ['bin', 'gateway', 'backend', 'shared'];
const FOLDERS = [...PRODUCT, 'test', 'load'];

/** The only readers of the environment. */
const READS_ENVIRONMENT = /^(gateway\/main|backend\/main|bin\/.*)\.(ts|js)$/;
/** The only readers of the real time; the bootstrap runs before anything is built. */
const READS_TIME = /^(shared\/clock\.ts|bin\/bootstrap\/.*\.js|backend\/http\/dashboard\/assets\/.*\.js)$/;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
}

const files = FOLDERS.flatMap(sourceFiles);
const product = files.filter((file) => PRODUCT.includes(file.path.split('/', 1)[0] ?? ''));

test('no source file has more than 300 lines, no test more than 400', () => {
  const tooLong = files.filter((file) => file.lines > (/^(test|load)\//.test(file.path) ? 400 : 300));
  expect(tooLong.map((file) => `${file.path} ${file.lines}`)).toEqual([]);
});

test('half of the source files have at most 100 lines', () => {
  const lines = product.map((file) => file.lines).toSorted((a, b) => a - b);
  expect(lines[Math.floor(lines.length / 2)] ?? 0).toBeLessThanOrEqual(100);
});

test('the environment is read only by the entry points', () => {
  const readers = product.filter((file) => /\bprocess\s*\.\s*env\b|\benv\b[^=;]*\}\s*=\s*process\b/.test(code(file)));
  expect(readers.map((file) => file.path).filter((path) => !READS_ENVIRONMENT.test(path))).toEqual([]);
});

test('time is read and waited for only through the clock', () => {
  const own = /\bDate\.now\b|\bnew Date\(\)|\bset(Timeout|Interval)\s*\(|\bperformance\.|\bprocess\.hrtime\b/;
  const readers = product.filter((file) => own.test(code(file)));
  expect(readers.map((file) => file.path).filter((path) => !READS_TIME.test(path))).toEqual([]);
});

test('no test is skipped or run alone', () => {
  const marked = files.filter((file) =>
    /\b(test|it|describe)\s*\.\s*(skip|only|todo|skipIf|runIf|fails)\b/.test(code(file)),
  );
  expect(marked.map((file) => file.path)).toEqual([]);
});

test('no check is switched off in a comment, and nothing is left to do', () => {
  const marks = /@ts-(ignore|expect-error|nocheck)|(eslint|oxlint)-disable|\b(TODO|FIXME)\b/;
  const self = 'test/architecture.test.ts';
  const marked = files.filter((file) => file.path !== self && marks.test(file.text));
  expect(marked.map((file) => file.path)).toEqual([]);
});

function sourceFiles(folder: string): SourceFile[] {
  const root = join(packageRoot, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js|mjs|lua)$/.test(name) && !name.split(sep).includes('node_modules'))
    .map((name) => {
      const text = readFileSync(join(root, name), 'utf8');
      return { path: `${folder}/${name.split(sep).join('/')}`, text, lines: text.split('\n').length - 1 };
    });
}

/** The text without comments: those may name what the code must not do. */
function code(file: SourceFile): string {
  return file.text.replaceAll(/\/\*[^]*?\*\/|(^|\s)\/\/.*$/gm, '');
}
