import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launch } from '../machine/process.ts';
import type { Candidate } from './candidate.ts';
import { NATIVE_WARM_UP, startedAs, toolsOf } from './candidate.ts';
import { ONE_CALLER, userKeys } from './setup.ts';

/** HAProxy with a key map and a stick-table limit: the fastest peer seen that does comparable work. */
export const haproxy: Candidate = {
  name: 'HAProxy map + stick table',
  warmUpSeconds: NATIVE_WARM_UP,
  async start(stage) {
    const { folder, port, upstreamPort, core } = stage;
    const tools = toolsOf(stage);
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'keys.map'),
      userKeys(ONE_CALLER.applications)
        .map((key) => `${key} app\n`)
        .join(''),
    );
    await writeFile(
      join(folder, 'haproxy.cfg'),
      `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  option http-keep-alive
  option forwardfor
  http-reuse always
  timeout connect 1s
  timeout client 75s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  http-request set-var(txn.key) url_param(user_key)
  http-request deny deny_status 403 unless { var(txn.key),map_str(${folder}/keys.map) -m found }
  http-request track-sc0 var(txn.key) table counts
  http-request deny deny_status 429 if { sc_http_req_rate(0,counts) gt 1000000000 }
  default_backend app
backend app
  server one 127.0.0.1:${upstreamPort} maxconn 1000
backend counts
  stick-table type string len 64 size 100k expire 2m store http_req_rate(60s)
`,
    );
    const process = await launch({
      command: tools.haproxy,
      args: ['-db', '-f', join(folder, 'haproxy.cfg')],
      env: tools.env,
      core,
      ready: port,
    });
    return startedAs(process, port, ONE_CALLER);
  },
};
