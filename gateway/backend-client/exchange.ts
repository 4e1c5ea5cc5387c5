import type { Dispatcher } from 'undici';
import type { Timer } from '../../shared/clock.ts';
import type { Answer, Failure } from './answer.ts';

const NOTHING_WRITTEN: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** One exchange: collects the answer, bounds it in time and size, and settles once. */
export class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #settle: (answer: Answer) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #timer: Timer | null = null;
  #settled = false;
  #status = 0;
  #headers = new Map<string, string>();
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number, settle: (answer: Answer) => void) {
    this.#maxBytes = maxBytes;
    this.#settle = settle;
  }

  /** The timer that calls `expire`; cancelled when the exchange is over. */
  bound(timer: Timer): void {
    if (this.#settled) timer.cancel();
    else this.#timer = timer;
  }

  expire(): void {
    this.#fail('timeout');
  }

  /** Called just before the request is written: from here on the backend may have seen it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) controller.abort(new Error('given up before it was written'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.#headers.set(name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.#fail('invalid');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body =
      this.#chunks.length === 1 && this.#chunks[0] !== undefined ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#end({ ok: true, status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#end({ ok: false, failure: failureOf(error), written: this.#controller !== null });
  }

  #fail(failure: Failure): void {
    const controller = this.#controller;
    this.#end({ ok: false, failure, written: controller !== null });
    controller?.abort(new Error(failure));
  }

  #end(answer: Answer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer?.cancel();
    this.#chunks = [];
    this.#settle(answer);
  }
}

function failureOf(error: Error & { code?: unknown }): Failure {
  const code = typeof error.code === 'string' ? error.code : '';
  if (NOTHING_WRITTEN.has(code)) return 'refused';
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout';
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return 'invalid';
  return 'closed';
}
