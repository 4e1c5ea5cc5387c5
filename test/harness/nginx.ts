import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerTools } from '../../load/machine/debian.ts';
import { launch } from '../../load/machine/process.ts';
import { freePort } from './ports.ts';
import { track } from './resources.ts';

/** An nginx that serves files, as an app of another make behind the gateway. */
export interface NginxUpstream {
  readonly url: string;
}

/** Unpacks nginx from Debian's packages if need be; fails loudly where that is not possible. */
export async function startNginx(files: Readonly<Record<string, Buffer>>): Promise<NginxUpstream> {
  const tools = await peerTools();
  const folder = await mkdtemp(join(tmpdir(), 'tg-nginx-'));
  const port = await freePort();
  await mkdir(join(folder, 'www'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, 'www', name), content);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; ${temporary.join(' ')} client_max_body_size 0;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/www;
    location /echo { return 200 "$request_method $http_x_from"; }
  }
}
`,
  );
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
  const running = await launch({ command: tools.nginx, args, env: tools.env, core: null, ready: port });
  track({
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
    abandon: () => running.signal('SIGKILL'),
  });
  return { url: `http://127.0.0.1:${port}` };
}
