import type { RequestEdits } from './contract.ts';
import {
  CONNECTION,
  CONTENT_LENGTH,
  DISGUISED,
  DROPPED,
  EXPECT,
  FORWARDED,
  FORWARDED_FOR,
  FORWARDED_HOST,
  FORWARDED_PROTO,
  HOST,
  REAL_IP,
  REQUEST_ID,
  TRANSFER_ENCODING,
  UPGRADE,
} from './field-names.ts';
import type { Fields } from './fields.ts';
import { keptLines, kindSet } from './kept-lines.ts';
import { dropParameters } from './query.ts';

/** What of an exchange goes into the head of its request. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly requestId: string;
  readonly upgrade: string;
  /** Peer's address, and whether what it says of others is believed. */
  readonly peer: string;
  readonly peerTrusted: boolean;
}

/** Kinds that are written by the engine, or never: their lines are not copied. */
const WRITTEN = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, EXPECT, UPGRADE, DROPPED, DISGUISED, REQUEST_ID];
const CLAIMS = [FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO, REAL_IP];
const FROM_TRUSTED = kindSet(...WRITTEN, ...CLAIMS);
const FROM_OTHERS = kindSet(...WRITTEN, ...CLAIMS, FORWARDED);

/**
 * The head of the request to the upstream (RFC 9112), without its last empty line: request line, the client's fields
 * in runs of unchanged lines, then what the engine and the service add. `framing` is a field line or empty.
 */
export function requestHead(
  parts: RequestParts,
  fields: Fields,
  edits: RequestEdits,
  authority: string,
  framing: string,
): string {
  const query =
    edits.dropQuery === null || parts.query === '' ? parts.query : dropParameters(parts.query, edits.dropQuery);
  const host = fields.find(HOST);
  const clientHost = host === -1 ? '' : fields.value(host);
  if (host !== -1 && edits.host !== null) fields.kinds[host] = DROPPED;
  const line = `${parts.method} ${parts.path}${query === '' ? '' : `?${query}`} HTTP/1.1\r\n`;
  const hostLine = host !== -1 && edits.host === null ? '' : `Host: ${edits.host ?? authority}\r\n`;
  const upgrade = parts.upgrade === '' ? '' : `Connection: Upgrade\r\nUpgrade: ${parts.upgrade}\r\n`;
  const kept = keptLines(
    fields,
    parts.peerTrusted ? FROM_TRUSTED : FROM_OTHERS,
    edits.drop.size > 0 ? edits.drop : null,
  );
  return line + hostLine + kept + framing + upgrade + forwardedLines(parts, fields, clientHost) + edits.add;
}

/** X-Real-IP, X-Forwarded-* and X-Request-Id: from a trusted peer continued, from any other replaced. */
function forwardedLines(parts: RequestParts, fields: Fields, host: string): string {
  const { peer } = parts;
  let realIp = peer;
  let chain = peer;
  let proto = 'http';
  if (parts.peerTrusted) {
    const before = fields.combined(FORWARDED_FOR);
    if (before !== null && before !== '') chain = `${before}, ${peer}`;
    realIp = valueOf(fields, REAL_IP, peer);
    proto = valueOf(fields, FORWARDED_PROTO, proto);
    host = valueOf(fields, FORWARDED_HOST, host);
  }
  const hostLine = host === '' ? '' : `X-Forwarded-Host: ${host}\r\n`;
  const peerLines = `X-Real-IP: ${realIp}\r\nX-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${proto}\r\n`;
  return `${peerLines}${hostLine}X-Request-Id: ${parts.requestId}\r\n`;
}

function valueOf(fields: Fields, kind: number, fallback: string): string {
  const at = fields.find(kind);
  return at === -1 ? fallback : fields.value(at);
}
