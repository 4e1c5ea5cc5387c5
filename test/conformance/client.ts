import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Sent {
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends requests exactly as given, to each of the backends in turn. */
export class Client {
  readonly #ports: readonly number[];
  readonly #agent = new Agent({ keepAlive: true });
  #next = 0;

  constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  send(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Answer> {
    const port = this.#ports[this.#next++ % this.#ports.length];
    const length = body === undefined ? { ...needsLength(method) } : { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request({
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...headers, ...length },
        agent: this.#agent,
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      sent.end(body);
    });
  }

  /** The test control. */
  async control(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const answer = await this.send('POST', `/__test${path}?${new URLSearchParams(parameters).toString()}`);
    if (answer.status >= 300) throw new Error(`control ${path} answers ${answer.status}: ${answer.body}`);
    return JSON.parse(answer.body === '' ? '{}' : answer.body);
  }

  /** A call of the internal API that must succeed. */
  async change(method: string, path: string, body?: unknown): Promise<void> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await this.send(method, `/internal${path}`, { body: text, headers: JSON_TYPE });
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answers ${answer.status}: ${answer.body.slice(0, 200)}`);
  }

  /** Reads through the internal API: the status, and the body where it is JSON. */
  async read(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const { status, body } = await this.send('GET', `/internal${path}`, { headers: JSON_TYPE });
    try {
      return { status, body: JSON.parse(body) };
    } catch {
      return { status, body: null };
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

function needsLength(method: string): Readonly<Record<string, number>> {
  return method === 'POST' || method === 'PUT' ? { 'content-length': 0 } : {};
}
