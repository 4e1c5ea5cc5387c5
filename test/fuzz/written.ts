import { CHUNKED, NO_FRAMING } from '../../gateway/http1/framing.ts';
import { NameSets } from '../../gateway/http1/name-set.ts';
import type { RequestHead } from '../../gateway/http1/request-head.ts';
import { peerLines, requestHead } from '../../gateway/http1/request-writer.ts';
import type { ResponseHead } from '../../gateway/http1/response-head.ts';
import { responseHead } from '../../gateway/http1/response-writer.ts';
import { readCanonicalHead } from '../attacks/canonical.ts';

const edits = { add: 'X-Sidecar-Secret: s3cret\r\n', drop: new Set(['x-sidecar-secret']), host: null, dropQuery: null };
const names = new NameSets();
const sender = { peer: '192.0.2.1', peerTrusted: false, peerLines: peerLines('192.0.2.1') };
/** One response head, byte for byte as it may leave: status line, fields, the empty line, no bare CR or LF. */
const CANONICAL =
  /^HTTP\/1\.1 [2-5][0-9]{2} [\t -~\x80-\xff]*\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*\r\n)*\r\n$/;

/** What is wrong with the head that would be sent to the upstream; null: it is canonical. */
export function requestFault(head: RequestHead): string | null {
  const { method, path, query, lineAsIs, upgrade, framing } = head;
  const line =
    framing === NO_FRAMING
      ? ''
      : framing === CHUNKED
        ? 'Transfer-Encoding: chunked\r\n'
        : `Content-Length: ${framing}\r\n`;
  const parts = { method, path, query, lineAsIs, upgrade, requestId: 'id', sender };
  const text = requestHead(parts, head.fields, edits, names.of(edits), 'upstream.test', line);
  const read = readCanonicalHead(text.slice(0, -2));
  if (typeof read === 'string') return read;
  if (read.request.target !== (query === '' ? path : `${path}?${query}`)) return `target ${read.request.target}`;
  const secrets = read.request.fields.filter(([name]) => name === 'x-sidecar-secret').map(([, value]) => value);
  return secrets.join() === 's3cret' ? null : `secret ${secrets.join()}`;
}

/** What is wrong with the head that would be sent to the client; null: it is canonical. */
export function responseFault(head: ResponseHead, length: number): string | null {
  const text = responseHead(head, length, '', '', '');
  if (!CANONICAL.test(text)) return JSON.stringify(text);
  const framings = text.match(/^(content-length|transfer-encoding):/gim) ?? [];
  return framings.length === (length >= 0 ? 1 : 0) ? null : `framed by ${framings.join(' ')}`;
}
