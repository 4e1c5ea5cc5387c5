import type { LocalResponse } from './contract.ts';
import { CONNECTION, CONTENT_LENGTH, DATE, DROPPED, TRANSFER_ENCODING, UPGRADE } from './field-names.ts';
import { keptLines, kindSet } from './kept-lines.ts';
import type { ResponseHead } from './response-head.ts';

/** Kinds of response fields that are written by the engine, or never. */
const WRITTEN = kindSet(CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE, DROPPED);

/** How a response ends and what becomes of its connection, as field lines. */
export interface ResponseFrame {
  /** `Content-Length: n` or `Transfer-Encoding: chunked` with CRLF; empty: neither. */
  readonly framing: string;
  /** The Connection field with CRLF; empty: none. */
  readonly connection: string;
}

/** The head of an upstream's response as it goes to the client, with its last empty line. `extra`: more field lines. */
export function responseHead(head: ResponseHead, frame: ResponseFrame, date: string, extra: string): string {
  const line = `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
  const dated = head.fields.find(DATE) === -1 ? date : '';
  return `${line}${keptLines(head.fields, WRITTEN, null)}${frame.framing}${frame.connection}${dated}${extra}\r\n`;
}

/** An answer of the gateway's own. `bodyless`: the request was HEAD. */
export function localResponse(
  response: LocalResponse,
  bodyless: boolean,
  connection: string,
  date: string,
  extra: string,
): string {
  const body = bytesAsText(response.body);
  const without = response.status < 200 || response.status === 204 || response.status === 304;
  const framing = without ? '' : `Content-Length: ${body.length}\r\n`;
  return `${response.head}${framing}${connection}${date}${extra}\r\n${bodyless || without ? '' : body}`;
}

/** UTF-8, one character per byte. */
function bytesAsText(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}
