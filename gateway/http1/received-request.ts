import { FORWARDED_FOR, REQUEST_ID } from './field-names.ts';
import type { Fields } from './fields.ts';
import { CHUNKED, NO_FRAMING } from './framing.ts';
import type { FlushSchedule } from './output.ts';
import { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import type { RequestParts, SenderLines } from './request-writer.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

const SANE_ID = /^[0-9A-Za-z_.:=+/-]{1,128}$/;

/** From whom a request came. */
export interface Sender extends SenderLines {
  readonly server: SenderServer;
}

interface SenderServer {
  readonly head: RequestHead;
  readonly config: { readonly maxTargetBytes: number };
  readonly proxies: TrustedProxies;
  readonly tick: { readonly clients: FlushSchedule };
  nextId(): string;
}

/** What was received of a request: the parts of its head that never change, its fields, its body. */
export class ReceivedRequest implements RequestParts {
  /** Monotonic ms. */
  readonly startedAt: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly upgrade: string;
  /** Of HTTP/1.x. */
  readonly minor: number;
  readonly keepAlive: boolean;
  /** As of RequestHead. */
  readonly framing: number;
  readonly body: RequestBody | null;
  readonly lineAsIs: boolean;
  readonly sender: Sender;
  /** The body is sent on in chunks; settled by `framingLine`. */
  protected sendsChunks = false;
  readonly #server: SenderServer;
  /** The head as received. */
  readonly #head: string;
  #requestId = '';

  /** Of the head that `head` read last. */
  constructor(sender: Sender, head: RequestHead, now: number) {
    this.#server = sender.server;
    this.#head = head.text;
    this.startedAt = now;
    this.method = head.method;
    this.path = head.path;
    this.query = head.query;
    this.host = head.host;
    this.upgrade = head.upgrade;
    this.minor = head.minor;
    this.keepAlive = head.keepAlive;
    this.framing = head.framing;
    const bodied = head.framing > 0 || head.framing === CHUNKED;
    this.body = bodied
      ? new RequestBody(head.framing, head.rules.maxBodyBytes, sender.server.tick.clients.buffers)
      : null;
    this.lineAsIs = head.lineAsIs;
    this.sender = sender;
  }

  get remoteAddress(): string {
    if (!this.sender.peerTrusted) return this.sender.peer;
    const chain = this.fields().combined(FORWARDED_FOR);
    return chain === null ? this.sender.peer : this.#server.proxies.clientOf(chain, this.sender.peer);
  }

  get requestId(): string {
    if (this.#requestId === '') {
      const given = this.fields().combined(REQUEST_ID);
      this.#requestId = given !== null && SANE_ID.test(given) ? given : this.#server.nextId();
    }
    return this.#requestId;
  }

  header(name: string): string | null {
    const fields = this.fields();
    const at = fields.named(name, 0);
    return at === -1 ? null : fields.value(at);
  }

  headerCount(name: string): number {
    const fields = this.fields();
    let count = 0;
    for (let at = fields.named(name, 0); at !== -1; at = fields.named(name, at + 1)) count++;
    return count;
  }

  /** The field line that frames the body as it is sent on; empty: there is none. */
  protected framingLine(): string {
    const { body, framing } = this;
    if (body === null) return framing === NO_FRAMING ? '' : 'Content-Length: 0\r\n';
    this.sendsChunks = framing === CHUNKED && !body.complete;
    if (this.sendsChunks) return 'Transfer-Encoding: chunked\r\n';
    return `Content-Length: ${framing === CHUNKED ? body.received : framing}\r\n`;
  }

  /** The fields of this head, read again when another head was read since. */
  protected fields(): Fields {
    const { head, config } = this.#server;
    if (head.text !== this.#head) {
      const bytes = Buffer.from(`${this.#head}\r\n`, 'latin1');
      head.read(bytes, 0, bytes.length, config.maxTargetBytes);
    }
    return head.fields;
  }
}
