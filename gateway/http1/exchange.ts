import type { EngineErrorCode, Exchange, LocalResponse, RequestEdits, Upstream } from './contract.ts';
import { BODYLESS, Dispatcher, STREAMED } from './links.ts';
import type { ClientSide, ForwardedExchange, UpstreamSide } from './links.ts';
import type { FlushSchedule } from './output.ts';
import { ReceivedRequest } from './received-request.ts';
import { requestHead } from './request-writer.ts';
import type { ResponseHead } from './response-head.ts';
import { localResponse, responseHead } from './response-writer.ts';
import type { Uncommitted } from './tick.ts';

/** What can be sent a second time without harm (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PROPFIND', 'REPORT', 'SEARCH']);
/** What asks for nothing but an answer (RFC 9110 section 9.2.1): sent twice, it does no more than sent once or never. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The handler has neither answered nor forwarded. */
const HELD = 0;
/** Forwarded by the handler, waits for the commit. */
const FORWARDED = 1;
/** Given to the upstream. */
const SENT = 2;
/** The head of its response was queued for the client. */
const ANSWERING = 3;
/** The connection speaks another protocol. */
const TUNNEL = 4;
const OVER = 5;

/** One request and its answer: all its state, from the head of the request to the last byte of the response. */
export class ServerExchange<Context>
  extends ReceivedRequest
  implements Exchange<Context>, ForwardedExchange, Uncommitted
{
  context: Context | null = null;
  responseHeaders = '';
  status = 0;
  upstreamStatus = 0;
  forwardedAt = 0;
  answeredAt = 0;
  failure: EngineErrorCode | 'client_closed' | null = null;
  requestText = '';
  replayable = false;
  retried = false;
  readonly #client: ClientSide<Context>;
  #phase = HELD;
  #upstream: Dispatcher | null = null;
  #connection: UpstreamSide | null = null;
  #awaitsContinue: boolean;
  /** Between `forward` and the commit the client left, or its body turned out to be malformed. */
  #gone = false;
  #refused: EngineErrorCode | null = null;
  /** The response goes out in chunks. */
  #chunked = false;
  /** The client connection is closed after this response. */
  #closes = false;

  /** Of the head that the server read last. */
  constructor(client: ClientSide<Context>, now: number) {
    super(client, client.server.head, now);
    this.#client = client;
    this.#awaitsContinue = client.server.head.expectsContinue;
  }

  readBody(limit: number, done: (body: Buffer | null) => void): void {
    if (this.body === null) {
      done(this.#phase === OVER ? null : Buffer.alloc(0));
      return;
    }
    this.#askForBody();
    this.body.read(limit, done);
  }

  respond(response: LocalResponse): void {
    if (this.#take()) this.#answer(response);
  }

  forward(upstream: Upstream, edits: RequestEdits): void {
    if (!this.#take()) return;
    if (!(upstream instanceof Dispatcher)) throw new TypeError(`${upstream.name} is no upstream of this engine`);
    const { body } = this;
    const { server } = this.#client;
    const drop = server.names.of(edits);
    const head = requestHead(this, this.fields(), edits, drop, upstream.authority, this.framingLine());
    const held = body?.complete === true ? body.held.takeText() : null;
    this.requestText = `${head}\r\n${held ?? ''}`;
    this.replayable = body === null || held !== null;
    this.#upstream = upstream;
    this.#phase = FORWARDED;
    this.#askForBody();
    server.tick.forward(this);
  }

  /** Part of Uncommitted. */
  send(now: number): void {
    this.#phase = SENT;
    if (this.#gone) this.#finish();
    else if (this.#refused !== null) this.fail(this.#refused);
    else this.#upstream?.dispatch(this, now);
  }

  /** Part of Uncommitted. */
  takeBack(): void {
    const { server } = this.#client;
    let response: LocalResponse | null = null;
    server.guard(() => (response = server.handler.uncommitted(this)));
    if (this.#gone) this.#finish();
    else this.#answer(response ?? server.errorResponse('internal_error'));
  }

  get schedule(): FlushSchedule {
    return this.#client.server.tick.upstreams;
  }

  get idempotent(): boolean {
    return IDEMPOTENT.has(this.method);
  }

  /** One that was sent again has a connection for itself: whatever ended the one before must not end another's. */
  get pipelinable(): boolean {
    return this.body === null && this.upgrade === '' && !this.retried && SAFE.has(this.method);
  }

  get isHead(): boolean {
    return this.method === 'HEAD';
  }

  get over(): boolean {
    return this.#phase === OVER;
  }

  get held(): boolean {
    return this.#phase === HELD;
  }

  get requestComplete(): boolean {
    return this.body === null || this.body.complete;
  }

  get clientFull(): boolean {
    return this.#client.full;
  }

  sentOn(connection: UpstreamSide): void {
    this.#connection = connection;
    if (this.replayable) return;
    this.body?.sendTo(connection, this.sendsChunks);
    this.#client.resume();
  }

  upstreamDrained(): void {
    if (!this.requestComplete || this.#phase === TUNNEL) this.#client.resume();
  }

  begin(head: ResponseHead, length: number): void {
    this.#phase = ANSWERING;
    this.status = head.status;
    this.upstreamStatus = head.status;
    const streamed = length === STREAMED;
    this.#chunked = streamed && this.minor === 1;
    this.#closes = this.#mustClose() || (streamed && this.minor === 0);
    const end = `${this.#chunked ? 'Transfer-Encoding: chunked\r\n' : ''}${this.#connectionLine()}`;
    const date = this.#client.server.date.line();
    this.#client.sendText(responseHead(head, length, end, date, this.responseHeaders));
  }

  data(bytes: Buffer, start: number, end: number): void {
    if (start === end) return;
    if (this.#chunked) this.#client.sendText(`${(end - start).toString(16)}\r\n`);
    this.#client.sendBytes(bytes, start, end);
    if (this.#chunked) this.#client.sendText('\r\n');
  }

  dataText(text: string): void {
    if (text === '') return;
    this.#client.sendText(this.#chunked ? `${text.length.toString(16)}\r\n${text}\r\n` : text);
  }

  complete(): void {
    if (this.#chunked) this.#client.sendText('0\r\n\r\n');
    this.#connection = null;
    this.#finish();
    this.#client.over(this.#closes);
  }

  switched(head: ResponseHead): void {
    this.#phase = TUNNEL;
    this.status = head.status;
    this.upstreamStatus = head.status;
    const end = `Connection: Upgrade\r\nUpgrade: ${this.upgrade}\r\n`;
    this.#client.sendText(responseHead(head, BODYLESS, end, this.#client.server.date.line(), this.responseHeaders));
    this.#client.startTunnel();
  }

  /** Bytes of the new protocol, from the client. */
  tunnelled(bytes: Buffer, start: number, end: number): void {
    this.#connection?.sendBytes(bytes, start, end);
  }

  /** The client has sent its last byte of the new protocol. */
  clientEnded(): void {
    this.#connection?.endOutput();
  }

  upstreamEnded(): void {
    this.#finish();
    this.#client.over(true);
  }

  /** The upstream takes what the client sends slower than it comes. */
  get upstreamFull(): boolean {
    return this.#connection?.full === true;
  }

  fail(code: EngineErrorCode): void {
    if (this.#phase === OVER) return;
    if (this.#phase === FORWARDED) {
      this.#refused = code;
      return;
    }
    this.failure = code;
    const { server } = this.#client;
    if (this.#phase === ANSWERING || this.#phase === TUNNEL) {
      this.#finish();
      this.#client.truncate(this.minor === 0);
    } else {
      this.#answer(server.errorResponse(code));
    }
  }

  /** The client is gone: nothing can be answered any more. */
  abandon(): void {
    if (this.#phase === OVER) return;
    if (this.#phase === TUNNEL) {
      this.#finish();
      return;
    }
    this.failure = 'client_closed';
    this.#gone = true;
    const { server } = this.#client;
    server.counters.abandoned++;
    if (this.#phase === HELD) server.guard(() => server.handler.abandoned(this));
    if (this.#phase !== FORWARDED) this.#finish();
  }

  /** What was waiting for the client was taken. */
  clientDrained(): void {
    this.#connection?.resume();
  }

  /** Whether the caller may answer: exactly the first of `respond` and `forward`, while the client is there. */
  #take(): boolean {
    if (this.#phase === HELD) return true;
    if (this.#phase !== OVER || this.failure === null) this.#client.server.events.fault(new Error('answered twice'));
    return false;
  }

  #answer(response: LocalResponse): void {
    const { server } = this.#client;
    this.status = response.status;
    this.#closes = this.#mustClose();
    const date = server.date.line();
    this.#client.sendText(localResponse(response, this.isHead, this.#connectionLine(), date, this.responseHeaders));
    this.#finish();
    this.#client.over(this.#closes);
  }

  #finish(): void {
    this.#phase = OVER;
    this.#connection?.abort(this);
    this.#connection = null;
    this.body?.breakOff();
    this.#client.server.finished(this);
  }

  #mustClose(): boolean {
    return !this.keepAlive || this.#client.closing || !this.requestComplete;
  }

  #connectionLine(): string {
    if (this.#closes) return 'Connection: close\r\n';
    return this.minor === 0 ? 'Connection: keep-alive\r\n' : '';
  }

  /** The engine answers `Expect: 100-continue` itself, when the body is wanted and not there yet. */
  #askForBody(): void {
    if (this.#awaitsContinue && this.body?.received === 0) this.#client.sendText('HTTP/1.1 100 Continue\r\n\r\n');
    this.#awaitsContinue = false;
  }
}
