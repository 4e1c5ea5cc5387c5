import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveConfiguration } from '../../../gateway/config/live.ts';
import { readConfiguration } from '../../../gateway/config/read.ts';
import { createLogger } from '../../../shared/log.ts';
import { TestClock } from '../../harness/clock.ts';
import { until } from '../../harness/latch.ts';
import { UpstreamLedger } from './fake-upstreams.ts';

const A = 'http://a.test';
const B = 'http://b.test';

function fileWith(...services: readonly string[]): string {
  return `backend: { url: "http://127.0.0.1:3000" }\nservices:\n${services.map((service) => `  - ${service}\n`).join('')}`;
}

const one = `{ id: a, token: t, hosts: [a.test], upstream: "${A}" }`;
const two = `{ id: b, token: t, hosts: [b.test], upstream: "${B}" }`;

let folder: string;
let file: string;
let clock: TestClock;
let upstreams: UpstreamLedger;
let lines: string[];
let live: LiveConfiguration;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallygate-live-'));
  file = join(folder, 'gateway.yaml');
  clock = new TestClock();
  upstreams = new UpstreamLedger();
  lines = [];
});

afterEach(async () => {
  await live.close();
  rmSync(folder, { recursive: true });
});

async function start(content: string): Promise<void> {
  writeFileSync(file, content);
  await open();
}

async function open(): Promise<void> {
  const env = { CONFIG_FILE: file };
  const log = createLogger('test', 'info', { write: (line: string) => void lines.push(line) });
  live = new LiveConfiguration(readConfiguration(env), { env, clock, log, createUpstream: upstreams.create });
  await live.watch();
}

/** Lets the file be looked at until something was read. */
async function looked(): Promise<void> {
  const before = live.reloads.applied + live.reloads.refused;
  await until(async () => {
    await clock.advance(1000);
    return live.reloads.applied + live.reloads.refused > before;
  }, 'the file was read');
}

describe('a changed file', () => {
  it('is applied without a restart', async () => {
    await start(fileWith(one));
    expect(live.services().find('b.test')).toBeNull();
    writeFileSync(file, fileWith(one, two));
    await looked();
    expect(live.services().find('b.test')?.id).toBe('b');
    expect(live.reloads).toEqual({ applied: 1, refused: 0 });
  });

  it('leaves services and pools that did not change as they are', async () => {
    await start(fileWith(one, two));
    const before = live.services().find('a.test');
    writeFileSync(file, fileWith(one));
    await looked();
    expect(live.services().find('a.test')).toBe(before);
    expect(upstreams.made.map((spec) => spec.url)).toEqual([A, B]);
    expect([...upstreams.open]).toEqual([A]);
  });

  it('that is bad is refused whole, once, and the one before stays', async () => {
    await start(fileWith(one));
    writeFileSync(file, fileWith(two.replace('token', 'tokn')));
    await looked();
    await clock.advance(10_000);
    expect(live.services().find('a.test')?.id).toBe('a');
    expect(live.services().find('b.test')).toBeNull();
    expect(live.reloads).toEqual({ applied: 0, refused: 1 });
    expect(lines.filter((line) => line.includes('configuration refused'))).toHaveLength(1);
    expect([...upstreams.open]).toEqual([A]);
  });

  it('whose upstream cannot be made changes nothing', async () => {
    await start(fileWith(one));
    writeFileSync(file, fileWith(two, '{ id: c, token: t, hosts: [c.test], upstream: "http://refused.test" }'));
    await looked();
    expect(live.services().find('a.test')?.id).toBe('a');
    expect(live.services().find('b.test')).toBeNull();
    await until(() => !upstreams.open.has(B), 'the new pool is closed');
  });

  it('that vanished changes nothing', async () => {
    await start(fileWith(one));
    rmSync(file);
    await looked();
    expect(live.services().find('a.test')?.id).toBe('a');
    expect(live.reloads.refused).toBe(1);
  });

  it('is also seen when a symbolic link above it is swapped', async () => {
    for (const [name, service] of [
      ['v1', one],
      ['v2', two],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'gateway.yaml'), fileWith(service));
    }
    symlinkSync('v1', join(folder, 'data'));
    file = join(folder, 'data', 'gateway.yaml');
    await open();
    symlinkSync('v2', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'data'));
    await looked();
    expect(live.services().find('b.test')?.id).toBe('b');
  });

  it('says which settings of the process wait for a restart', async () => {
    await start(fileWith(one));
    writeFileSync(file, `port: 9\n${fileWith(one)}`);
    await looked();
    expect(lines.filter((line) => line.includes('need a restart'))).toEqual([
      expect.stringContaining('"settings":["port"]'),
    ]);
    expect(live.configuration.settings.port).toBe(8080);
  });
});

describe('reload', () => {
  it('reads the file at once', async () => {
    await start(fileWith(one));
    writeFileSync(file, fileWith(one, two));
    expect(await live.reload()).toBe(true);
    expect(live.services().find('b.test')?.id).toBe('b');
  });

  it('takes several at once one after the other', async () => {
    await start(fileWith(one));
    writeFileSync(file, fileWith(two));
    expect(await Promise.all([live.reload(), live.reload(), live.reload()])).toEqual([true, true, true]);
    expect([...upstreams.open]).toEqual([B]);
  });

  it('close leaves no timer and no pool behind', async () => {
    await start(fileWith(one));
    await live.close();
    expect(clock.pending).toBe(0);
    expect(upstreams.open.size).toBe(0);
  });
});
