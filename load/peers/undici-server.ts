import { createServer } from 'node:http';
import { Pool } from 'undici';
import { ONE_CALLER, userKeys } from './setup.ts';

/**
 * The usual way to proxy in Node.js, as a peer: `node:http` in front, undici's `dispatch` behind, one key look-up.
 * Arguments: port, upstream port.
 */
const [port, upstreamPort] = process.argv.slice(2).map(Number);
const keys = new Map(userKeys(ONE_CALLER.applications).map((key) => [key, 'app']));
const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, { connections: 64, pipelining: 1 });
const SKIPPED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

const server = createServer((request, response) => {
  const url = request.url ?? '/';
  const key = /[?&]user_key=([^&]*)/.exec(url)?.[1];
  if (key === undefined || !keys.has(key)) {
    response.writeHead(403).end();
    return;
  }
  const headers: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    if (!SKIPPED.has(name.toLowerCase())) headers.push(name, request.rawHeaders[i + 1] ?? '');
  }
  pool.dispatch(
    { path: url, method: 'GET', headers },
    {
      onConnect: () => undefined,
      onHeaders(status, raw) {
        const kept: string[] = [];
        for (let i = 0; i < raw.length; i += 2) {
          const name = raw[i]?.toString('latin1') ?? '';
          if (name.toLowerCase() !== 'connection' && name.toLowerCase() !== 'keep-alive') {
            kept.push(name, raw[i + 1]?.toString('latin1') ?? '');
          }
        }
        response.writeHead(status, kept);
        return true;
      },
      onData: (chunk) => response.write(chunk),
      onComplete: () => void response.end(),
      onError: () => void response.destroy(),
    },
  );
});
server.keepAliveTimeout = 75_000;
server.listen(port, '127.0.0.1', () => console.log('ready'));
