import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerTools } from '../machine/debian.ts';
import { launch } from '../machine/process.ts';
import type { Running } from '../machine/process.ts';
import type { Candidate, Stage, Started } from './candidate.ts';
import { PATH, USER_KEY, otherKeys } from './candidate.ts';

/** nginx as a plain proxy. */
export const nginxPlain: Candidate = { name: 'nginx plain', start: (stage) => startProxy(stage, false) };

/** nginx with Lua: key look-up in one shared dictionary, one counter in another. */
export const nginxLua: Candidate = { name: 'nginx + Lua', start: (stage) => startProxy(stage, true) };

const SMALL_BODY = '{"items":[{"id":1,"name":"first"},{"id":2,"name":"second"}],"next":null,"total":2}';

/** The upstream of every round: nginx that answers a small JSON document, and 1 MB at /big. */
export async function startUpstream(tools: PeerTools, folder: string, port: number, core: number): Promise<Running> {
  await mkdir(join(folder, 'www', 'v1'), { recursive: true });
  await writeFile(join(folder, 'www', 'v1', 'big'), Buffer.alloc(1_000_000, 'tallygate '));
  const server = `
    server {
      listen 127.0.0.1:${port} reuseport;
      location /v1/big { root ${folder}/www; }
      location / { default_type application/json; return 200 '${SMALL_BODY}'; }
    }`;
  return run(tools, folder, core, port, server, '');
}

async function startProxy(stage: Stage, lua: boolean): Promise<Started> {
  const { tools, folder, port, upstreamPort, core } = stage;
  const prefix = Array.from({ length: stage.rules - 1 }, (_, index) => `location /unused/${index}/ { return 404; }`);
  const dictionaries = lua ? luaBlocks(stage) : '';
  const access = lua ? `access_by_lua_block { ${ACCESS_CODE} }` : '';
  const process = await run(
    tools,
    folder,
    core,
    port,
    `${dictionaries}
    upstream app { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 1000000; }
    server {
      listen 127.0.0.1:${port};
      ${prefix.join('\n')}
      location / {
        ${access}
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_pass http://app;
      }
    }`,
    lua ? modules(tools) : '',
  );
  return { process, url: `http://127.0.0.1:${port}${PATH}?user_key=${USER_KEY}`, stop: () => process.stop() };
}

function modules(tools: PeerTools): string {
  const folder = join(tools.root, 'usr/lib/nginx/modules');
  return `load_module ${folder}/ndk_http_module.so;\nload_module ${folder}/ngx_http_lua_module.so;`;
}

function luaBlocks({ tools, applications }: Stage): string {
  const keys = [USER_KEY, ...otherKeys(applications - 1)].map((key) => `keys:set("${key}", "app")`).join('\n');
  return `
    lua_package_path "${tools.root}/usr/share/lua/5.1/?.lua;;";
    lua_shared_dict keys 64m;
    lua_shared_dict counters 16m;
    init_by_lua_block { local keys = ngx.shared.keys
      ${keys} }`;
}

/** Looks the key up, and counts the call in the caller's minute against a limit that is never reached. */
const ACCESS_CODE = `
    local key = ngx.var.arg_user_key
    if not key or not ngx.shared.keys:get(key) then return ngx.exit(403) end
    local window = key .. ":" .. math.floor(ngx.time() / 60)
    local count = ngx.shared.counters:incr(window, 1, 0, 120)
    if count and count > 1000000000 then return ngx.exit(429) end`;

async function run(
  tools: PeerTools,
  folder: string,
  core: number,
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
