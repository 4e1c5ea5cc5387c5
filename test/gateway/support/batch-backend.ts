import { createServer, type Server, type ServerResponse } from 'node:http';
import { Compile } from 'typebox/compile';
import { BatchRequest } from '../../../shared/wire/batches.ts';
import { track } from '../../harness/resources.ts';

const CHECK = Compile(BatchRequest);

/** What was acknowledged longer ago no store forgets, ms. */
const HORIZON = 60_000;

interface Applied {
  readonly content: string;
  readonly batch: BatchRequest;
  readonly at: number;
}

/** What the server does with a batch instead. */
export type BatchFault = 'drop-reply' | 'queued' | 'unprocessable' | 'unavailable' | 'unauthenticated' | 'hang';

/** A small server of `/v1/batches` with marks and a store that can forget, over real sockets. */
export class BatchBackend {
  /** Every batch that arrived, repeats included. */
  readonly arrived: BatchRequest[] = [];
  store = 'store-1';
  fault: (batch: BatchRequest) => BatchFault | null = () => null;
  port = 0;
  /** (epoch, sequence) → content, as in the present store. */
  #applied = new Map<string, Applied>();
  /** Below these nothing is taken any more. */
  readonly #floors = new Map<string, number>();
  /** Batches that failovers forgot. */
  forgotten = 0;
  /** Time by which batches are old, ms. */
  now: () => number = () => 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => this.#answer(request.url ?? '', body, response));
    });
  }

  static async start(): Promise<BatchBackend> {
    const backend = new BatchBackend();
    await new Promise<void>((resolve) => backend.#server.listen(0, '127.0.0.1', resolve));
    const address = backend.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    backend.port = address.port;
    const stop = (): void => {
      backend.#server.closeAllConnections();
      backend.#server.close();
    };
    track({ stop: () => Promise.resolve(stop()), abandon: stop });
    return backend;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}`);
  }

  /** Units that the present store has counted. */
  get units(): number {
    const entries = [...this.#applied.values()].flatMap(({ batch }) => batch.entries);
    return entries.reduce((sum, { use }) => sum + use, 0);
  }

  /** Another store takes over that lost the newest `lost` batches, none of them older than the horizon. */
  failOver(lost: number): void {
    this.store = `store-${Number(this.store.slice(6)) + 1}`;
    const horizon = this.now() - HORIZON;
    const young = [...this.#applied].filter(([, { at }]) => at >= horizon).slice(-lost);
    for (const [key] of young) this.#applied.delete(key);
    this.forgotten += young.length;
  }

  #answer(url: string, body: string, response: ServerResponse): void {
    const envelope = { store: this.store, now: 1 };
    if (url === '/v1') {
      return send(response, 200, {
        product: 'tallygate',
        versions: [1],
        ...envelope,
        leaseTime: 1000,
        limits: 'exact',
      });
    }
    if (url !== '/v1/batches') return send(response, 404, {});
    const batch: unknown = JSON.parse(body);
    if (!CHECK.Check(batch)) return send(response, 400, { error: { code: 'bad_request', message: 'no batch' } });
    this.arrived.push(batch);
    const fault = this.fault(batch);
    if (fault === 'hang') return;
    if (fault === 'unavailable') return send(response, 503, { error: { code: 'unavailable', message: 'no' } });
    if (fault === 'unauthenticated') return send(response, 401, { error: { code: 'unauthorized', message: 'no' } });
    if (fault === 'unprocessable') return send(response, 422, { error: { code: 'batch_conflict', message: 'no' } });
    if (fault === 'queued') return send(response, 202, { ...envelope, result: 'queued', setAside: [] });
    const result = this.#apply(batch);
    if (fault === 'drop-reply') return void response.destroy();
    if (result === 'conflict') return send(response, 422, { error: { code: 'batch_conflict', message: 'no' } });
    send(response, 200, { ...envelope, result, setAside: [] });
  }

  #apply(batch: BatchRequest): 'applied' | 'repeat' | 'conflict' {
    const { floor: _floor, services: _services, ...content } = batch;
    const text = JSON.stringify(content);
    const key = JSON.stringify([batch.epoch, batch.sequence]);
    const floor = Math.max(batch.floor, this.#floors.get(batch.epoch) ?? 0);
    this.#floors.set(batch.epoch, floor);
    if (batch.sequence < floor) return 'repeat';
    const known = this.#applied.get(key);
    if (known !== undefined) return known.content === text ? 'repeat' : 'conflict';
    this.#applied.set(key, { content: text, batch, at: this.now() });
    return 'applied';
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
