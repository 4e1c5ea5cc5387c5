import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Running } from '../running.ts';

/** Longest answer to a request's body, bytes: the sample shows what it got, and is no store. */
const MAX_SHOWN = 4096;

/** The app behind the demo's gateway: it answers every request with what it saw of it, as JSON. */
export async function startSampleApp(port: number): Promise<Running> {
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sample app has no TCP port');
  return {
    ports: { http: address.port },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    if (body.length < MAX_SHOWN) body += chunk.toString();
  });
  request.once('error', () => response.destroy());
  request.once('end', () => {
    const { method, url, headers } = request;
    const text = `${JSON.stringify({ message: 'Hello from the app behind the gateway.', method, url, headers, body: body.slice(0, MAX_SHOWN) })}\n`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
}
