import { Agent, get } from 'node:http';

/** One client with one connection, which it keeps alive and opens again when it was closed. */
export class KeepAliveClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** The status of the answer. Rejects when there is none. */
  get(port: number, path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, path, agent: this.#agent, timeout: 10_000 }, (response) => {
        response.resume();
        response.once('error', reject);
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      request.once('timeout', () => request.destroy(new Error('no answer within 10 s')));
      request.once('error', reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
