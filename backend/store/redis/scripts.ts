import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../shared/package-root.ts';
import { encodeArguments } from './wire.ts';
import type { Arguments } from './wire.ts';

/** A Lua script: `scripts/NAME-K.lua` takes K keys, `NAME-K+.lua` at least K. */
export interface Script {
  readonly name: string;
  readonly keys: number;
  readonly source: string;
  readonly sha: string;
  /** First argument of EVALSHA and of EVAL, as sent. */
  readonly encoded: { readonly sha: Arguments; readonly source: Arguments };
}

const FOLDER = join(packageRoot, 'backend', 'store', 'redis', 'scripts');

export const scripts = {
  appendLog: load('append-log-3'),
  apply: load('apply-2+'),
  applyEach: load('apply-each-2+'),
  decide: load('decide-6+'),
  emptyDocuments: load('empty-documents-4'),
  heartbeat: load('heartbeat-3'),
  lease: load('lease-10'),
  noteShort: load('note-short-1+'),
  release: load('release-4'),
  seed: load('seed-4'),
  writeDocuments: load('write-documents-6'),
} as const;

function load(file: string): Script {
  const text = readFileSync(join(FOLDER, `${file}.lua`), 'utf8');
  const includes = /^-- include: (.*)$/m.exec(text)?.[1]?.split(', ') ?? [];
  const parts = includes.map((name) => readFileSync(join(FOLDER, 'include', `${name}.lua`), 'utf8'));
  const source = [...parts, text].join('\n');
  const [, name = file, keys = '0'] = /^(.*)-(\d+)\+?$/.exec(file) ?? [];
  const sha = createHash('sha1').update(source).digest('hex');
  const encoded = { sha: encodeArguments([sha]), source: encodeArguments([source]) };
  return { name, keys: Number(keys), source, sha, encoded };
}
