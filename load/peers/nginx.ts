import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerTools } from '../machine/debian.ts';
import { launch } from '../machine/process.ts';
import type { Running } from '../machine/process.ts';
import { NATIVE_WARM_UP, startedAs, toolsOf } from './candidate.ts';
import type { Candidate, Stage, Started } from './candidate.ts';
import { LIMIT, ONE_CALLER, patterns, userKeys } from './setup.ts';
import type { Setup } from './setup.ts';

/** nginx as a plain proxy. */
export const nginxPlain: Candidate = {
  name: 'nginx plain',
  warmUpSeconds: NATIVE_WARM_UP,
  start: (stage) => startProxy(stage, { ...ONE_CALLER, key: false, limit: false }),
};

/** nginx with Lua: key look-up in one shared dictionary, one counter in another; each only if the setup has it. */
export function nginxLua(setup: Setup = ONE_CALLER): Candidate {
  return { name: 'nginx + Lua', warmUpSeconds: NATIVE_WARM_UP, start: (stage) => startProxy(stage, setup) };
}

/** A path of the proxies that is answered without an upstream. */
export const OWN_ANSWER = '/none';

const SMALL_BODY = '{"items":[{"id":1,"name":"first"},{"id":2,"name":"second"}],"next":null,"total":2}';

/** The upstream of every round: nginx that answers a small JSON document, 1 MB at /v1/big, and slowly at /v1/slow. */
export async function startUpstream(
  tools: PeerTools,
  folder: string,
  port: number,
  core: number | null,
): Promise<Running> {
  await mkdir(join(folder, 'www', 'v1'), { recursive: true });
  await writeFile(join(folder, 'www', 'v1', 'big'), Buffer.alloc(1_000_000, 'tallygate '));
  const server = `
    server {
      listen 127.0.0.1:${port} reuseport;
      location /v1/big { root ${folder}/www; }
      location /v1/slow { alias ${folder}/www/v1/big; limit_rate 100k; }
      location / { default_type application/json; return 200 '${SMALL_BODY}'; }
    }`;
  return run(tools, folder, core, port, server, '');
}

async function startProxy(stage: Stage, setup: Setup): Promise<Started> {
  const { folder, port, upstreamPort, core } = stage;
  const tools = toolsOf(stage);
  const lua = setup.key || setup.limit;
  const process = await run(
    tools,
    folder,
    core,
    port,
    `${lua ? luaBlocks(tools, setup) : ''}
    upstream app { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 1000000; }
    server {
      listen 127.0.0.1:${port};
      ${lua ? `access_by_lua_block { ${accessCode(setup)} }` : ''}
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      ${patterns(setup.rules)
        .map((pattern) => `location ${pattern} { proxy_pass http://app; }`)
        .join('\n')}
      location ${OWN_ANSWER} { default_type text/plain; return 404 'no route'; }
    }`,
    lua ? modules(tools) : '',
  );
  return startedAs(process, port, setup);
}

function modules(tools: PeerTools): string {
  const folder = join(tools.root, 'usr/lib/nginx/modules');
  return `load_module ${folder}/ndk_http_module.so;\nload_module ${folder}/ngx_http_lua_module.so;`;
}

function luaBlocks(tools: PeerTools, { applications }: Setup): string {
  const keys = userKeys(applications)
    .map((key) => `keys:set("${key}", "app")`)
    .join('\n');
  return `
    lua_package_path "${tools.root}/usr/share/lua/5.1/?.lua;;";
    lua_shared_dict keys 64m;
    lua_shared_dict counters 16m;
    init_by_lua_block { local keys = ngx.shared.keys
      ${keys} }`;
}

/** Looks the key up, and counts the call in the caller's (without keys: the address's) minute against the limit. */
function accessCode({ key, limit }: Setup): string {
  const look = `
    local key = ngx.var.arg_user_key
    if not key or not ngx.shared.keys:get(key) then return ngx.exit(403) end`;
  const count = `
    local window = key .. ":" .. math.floor(ngx.time() / 60)
    local count = ngx.shared.counters:incr(window, 1, 0, 120)
    if count and count > ${LIMIT} then return ngx.exit(429) end`;
  return `${key ? look : '\n    local key = ngx.var.remote_addr'}${limit ? count : ''}`;
}

async function run(
  tools: PeerTools,
  folder: string,
  core: number | null,
  port: number,
  http: string,
  head: string,
): Promise<Running> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/tmp_${name};`,
  );
  await mkdir(join(folder, 'logs'), { recursive: true });
  await writeFile(
    join(folder, 'nginx.conf'),
    `${head}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/logs/error.log warn;
events { worker_connections 20000; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 10000000;
  ${temporary.join(' ')}
  ${http}
}
`,
  );
  return launch({
    command: tools.nginx,
    args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'logs/error.log')],
    env: tools.env,
    core,
    ready: port,
  });
}
