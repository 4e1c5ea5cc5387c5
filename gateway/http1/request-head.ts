import { hostOf, sameAuthority } from './authority.ts';
import { CR, LF } from './bytes.ts';
import { CLOSE, connectionOptions, FORBIDDEN, KEEP_ALIVE, UPGRADING } from './connection-options.ts';
import type { EngineErrorCode, RequestRules } from './contract.ts';
import { DISGUISED, EXPECT, HOST, UPGRADE, WEBSOCKET_KEY, WEBSOCKET_VERSION } from './field-names.ts';
import { Fields, INCOMPLETE, TOO_MANY } from './fields.ts';
import { BAD_FRAMING, CHUNKED, framingOf, NO_FRAMING, UNKNOWN_CODING } from './framing.ts';
import { latin1 } from './latin1.ts';
import { isSaneQuery, normalisePath } from './path.ts';
import { RequestLine } from './request-line.ts';

const ABSOLUTE = /^(https?):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/i;
/** Sixteen bytes in base64 (RFC 6455 section 4.1). */
const WEBSOCKET_NONCE = /^[0-9A-Za-z+/]{22}==$/;

/**
 * Reads one request head and decides whether it is accepted. One instance serves all connections of a server; its
 * fields are those of the head that was read last.
 */
export class RequestHead {
  readonly fields = new Fields();
  readonly #line = new RequestLine();
  /** The Host field that `host` is of. */
  #authority = '';
  readonly #rulesOf: (host: string) => RequestRules;
  /** Why `read` returned -1. */
  error: EngineErrorCode = 'bad_request';
  /** Up to and with the CRLF of the last field line. */
  text = '';
  method = '';
  minor = 1;
  path = '';
  query = '';
  host = '';
  keepAlive = true;
  /** Body length (≥ 0), NO_FRAMING or CHUNKED. */
  framing = NO_FRAMING;
  expectsContinue = false;
  /** The protocol to upgrade to when the upstream agrees, lower case; empty: none. */
  upgrade = '';
  /** The request line can be sent on as it came. */
  lineAsIs = false;
  /** `OPTIONS *`: about the server, not about a resource. */
  asterisk = false;
  rules: RequestRules;

  constructor(rulesOf: (host: string) => RequestRules) {
    this.#rulesOf = rulesOf;
    this.rules = rulesOf('');
  }

  /**
   * Reads `bytes[start, end)`. Returns the offset after the head, 0 when it is incomplete, -1 when it is refused. What
   * cannot become a valid head is refused at once, without waiting for its end.
   */
  read(bytes: Buffer, start: number, end: number, maxTarget: number): number {
    // One empty line before a request is ignored (RFC 9112 section 2.2).
    const base = bytes[start] === CR && (start + 1 === end || bytes[start + 1] === LF) ? start + 2 : start;
    if (base >= end) return 0;
    const line = this.#line;
    const fieldsAt = line.read(bytes, base, end, maxTarget);
    if (fieldsAt <= 0) return fieldsAt === 0 ? 0 : this.#refuse(line.error);
    const next = this.fields.scan(bytes, fieldsAt, end, base);
    if (next === INCOMPLETE) return 0;
    if (next < 0) return this.#refuse(next === TOO_MANY ? 'header_too_large' : 'bad_request');
    this.text = latin1(bytes, base, next - 2);
    this.method = line.method;
    this.minor = line.minor;
    this.fields.head = this.text;
    const error =
      this.#readHost() ??
      this.#readTarget(line.target - base, line.query - base, line.targetEnd - base) ??
      this.#readConnection() ??
      this.#readFraming() ??
      this.#readExpectation();
    if (error !== null) return this.#refuse(error);
    return next;
  }

  #refuse(error: EngineErrorCode): number {
    this.error = error;
    return -1;
  }

  /** Exactly one Host (RFC 9112 section 3.2); none only in HTTP/1.0. No sensitive name in disguise. */
  #readHost(): EngineErrorCode | null {
    const { fields } = this;
    const at = fields.find(HOST);
    if (fields.repeats(HOST) || fields.has(DISGUISED) || (at === -1 && this.minor === 1)) return 'bad_request';
    const authority = at === -1 ? '' : fields.value(at);
    // Most requests have the Host of the one before.
    if (at !== -1 && authority === '') return 'bad_request';
    if (authority !== this.#authority) {
      const host = at === -1 ? '' : hostOf(authority);
      if (host === null) return 'bad_request';
      this.#authority = authority;
      this.host = host;
    }
    const { host } = this;
    this.rules = this.#rulesOf(host);
    return null;
  }

  /** RFC 9112 section 3.2: origin-form, absolute-form for this host, or `OPTIONS *`. */
  #readTarget(start: number, query: number, end: number): EngineErrorCode | null {
    const { text } = this;
    this.asterisk = false;
    this.lineAsIs = false;
    if (text.charCodeAt(start) !== 47) return this.#readOtherForm(text.slice(start, end));
    this.query = query === end ? '' : text.slice(query + 1, end);
    if (this.#line.escaped && !isSaneQuery(this.query)) return 'bad_request';
    this.path = text.slice(start, query);
    if (!this.#line.simple) return this.#normalise(this.path);
    this.lineAsIs = this.minor === 1 && query + 1 !== end;
    return null;
  }

  #readOtherForm(target: string): EngineErrorCode | null {
    this.asterisk = target === '*' && this.method === 'OPTIONS';
    if (this.asterisk) {
      this.path = '/';
      this.query = '';
      return null;
    }
    const match = ABSOLUTE.exec(target);
    if (match === null) return 'bad_request';
    const [, scheme = '', authority = '', path = '', query = ''] = match;
    const host = this.fields.find(HOST);
    if (hostOf(authority) === null || host === -1) return 'bad_request';
    if (!sameAuthority(authority, this.fields.value(host), scheme.toLowerCase())) return 'bad_request';
    if (!isSaneQuery(query)) return 'bad_request';
    this.query = query;
    return this.#normalise(path === '' ? '/' : path);
  }

  #normalise(path: string): EngineErrorCode | null {
    const normal = normalisePath(path, this.rules);
    if (normal === null) return 'bad_request';
    this.path = normal;
    return null;
  }

  #readConnection(): EngineErrorCode | null {
    const options = connectionOptions(this.fields, this.rules.edits.drop);
    if ((options & FORBIDDEN) !== 0) return 'bad_request';
    this.keepAlive = (options & CLOSE) === 0 && (this.minor === 1 || (options & KEEP_ALIVE) !== 0);
    this.upgrade = (options & UPGRADING) === 0 ? '' : this.#readUpgrade();
    return null;
  }

  /** An upgrade that is not wanted or not well-formed is ignored (RFC 9110 section 7.8): the request is answered without. */
  #readUpgrade(): string {
    if (this.method !== 'GET' || this.minor !== 1) return '';
    const protocol = this.fields.combined(UPGRADE)?.toLowerCase() ?? '';
    if (!this.rules.upgrades.has(protocol) || protocol.startsWith('h2')) return '';
    if (protocol !== 'websocket') return protocol;
    const nonce = this.fields.combined(WEBSOCKET_KEY) ?? '';
    return WEBSOCKET_NONCE.test(nonce) && this.fields.combined(WEBSOCKET_VERSION) === '13' ? protocol : '';
  }

  #readFraming(): EngineErrorCode | null {
    const framing = framingOf(this.fields);
    if (framing === BAD_FRAMING) return 'bad_request';
    // A transfer coding is unknown to HTTP/1.0 (RFC 9112 section 6.1).
    if (framing === CHUNKED || framing === UNKNOWN_CODING) {
      if (this.minor === 0) return 'bad_request';
      if (framing === UNKNOWN_CODING) return 'not_implemented';
    }
    const { maxBodyBytes } = this.rules;
    if (maxBodyBytes !== null && framing > maxBodyBytes) return 'payload_too_large';
    this.framing = framing;
    if (framing > 0 || framing === CHUNKED) this.upgrade = '';
    return null;
  }

  /** RFC 9110 section 10.1.1: `100-continue` and nothing else; ignored in HTTP/1.0 and without a body. */
  #readExpectation(): EngineErrorCode | null {
    this.expectsContinue = false;
    const expectation = this.fields.combined(EXPECT);
    if (expectation === null) return null;
    if (expectation.toLowerCase() !== '100-continue') return 'expectation_failed';
    this.expectsContinue = this.minor === 1 && (this.framing > 0 || this.framing === CHUNKED);
    return null;
  }
}
