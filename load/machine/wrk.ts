import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Target } from '../peers/setup.ts';
import { pinned } from './cores.ts';
import type { PeerTools } from './debian.ts';

const run = promisify(execFile);

const Result = Type.Object({
  requests: Type.Number({ exclusiveMinimum: 0 }),
  /** Microseconds. */
  duration: Type.Number({ exclusiveMinimum: 0 }),
  /** Answers of 400 and more. */
  refused: Type.Number(),
  /** Sockets that failed, and requests without an answer. */
  broken: Type.Number(),
  p50: Type.Number(),
  p95: Type.Number(),
  p99: Type.Number(),
});
const check = Compile(Result);

export interface WrkResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Microseconds, as a closed loop sees them: for information only. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Requests that were not answered as they must be: a round with any is void. */
  readonly errors: number;
}

export interface WrkRun {
  readonly tools: PeerTools;
  /** A folder for its script. */
  readonly folder: string;
  readonly port: number;
  /** Asked for in turn. */
  readonly targets: readonly Target[];
  /** What every request must be answered with. */
  readonly status: number;
  readonly seconds: number;
  readonly connections: number;
  readonly core: number | null;
}

/** Saturates a port of 127.0.0.1 for some seconds. */
export async function wrk({
  tools,
  folder,
  port,
  targets,
  status,
  seconds,
  connections,
  core,
}: WrkRun): Promise<WrkResult> {
  const script = join(folder, `wrk-${port}.lua`);
  await writeFile(script, lua(targets));
  const [first = { host: '127.0.0.1', path: '/' }] = targets;
  const words = [
    '-t1',
    `-c${connections}`,
    `-d${Math.ceil(seconds)}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}${first.path}`,
  ];
  const { stdout } = await run(...pinned(core, tools.wrk, words), {
    env: { ...process.env, ...tools.env },
    timeout: (seconds + 30) * 1000,
  });
  const result: unknown = JSON.parse(/^RESULT (.*)$/m.exec(stdout)?.[1] ?? 'null');
  if (!check.Check(result)) throw new Error(`wrk did not say what it saw: ${stdout.slice(-500)}`);
  const { requests, duration, refused, broken, p50, p95, p99 } = result;
  const wrong = status >= 400 ? requests - refused : refused;
  return { requests, perSecond: (requests / duration) * 1e6, p50, p95, p99, errors: broken + wrong };
}

/** Several targets are made into requests once, before the first is sent; a single one is wrk's own business. */
function lua(targets: readonly Target[]): string {
  const list = targets.map(({ host, path }) => `  add(${JSON.stringify(host)}, ${JSON.stringify(path)})`).join('\n');
  const turns = `
local all, at = {}, 0
local function add(host, path)
  all[#all + 1] = wrk.format("GET", path, { ["Host"] = host })
end
function init()
${list}
end
function request()
  at = at + 1
  if at > #all then at = 1 end
  return all[at]
end`;
  const host = JSON.stringify(targets[0]?.host ?? '127.0.0.1');
  return `${targets.length > 1 ? turns : `wrk.headers["Host"] = ${host}`}
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"duration":%d,"refused":%d,"broken":%d,"p50":%d,"p95":%d,"p99":%d}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
`;
}
