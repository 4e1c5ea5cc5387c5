import type { LocalResponse } from './contract.ts';
import { CONNECTION, CONTENT_LENGTH, DATE, DROPPED, TRANSFER_ENCODING, UPGRADE } from './field-names.ts';
import { keptLines, kindSet } from './kept-lines.ts';
import type { ResponseHead } from './response-head.ts';

/** Kinds of response fields that are written by the engine, or never; with the length as the upstream wrote it. */
const WITH_LENGTH = kindSet(CONNECTION, TRANSFER_ENCODING, UPGRADE, DROPPED);
const WITHOUT_LENGTH = kindSet(CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE, DROPPED);

/**
 * The head of an upstream's response as it goes to the client, with its last empty line. `length`: what
 * Content-Length says; -1: there is none. `end`: field lines on framing and connection; `extra`: more field lines.
 */
export function responseHead(head: ResponseHead, length: number, end: string, date: string, extra: string): string {
  const { fields } = head;
  const asIs = head.minor === 1 && head.reasonAt !== 0;
  const kept = length >= 0 && length === head.framing && head.plainLength;
  let text = asIs ? '' : `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
  text += keptLines(fields, asIs ? 0 : fields.start, kept ? WITH_LENGTH : WITHOUT_LENGTH, null);
  if (!kept && length >= 0) text += `Content-Length: ${length}\r\n`;
  if (!fields.has(DATE)) text += date;
  return `${text}${end}${extra}\r\n`;
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
