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
import type { NameSet } from './name-set.ts';
import { dropParameters } from './query.ts';

/** What of an exchange goes into the head of its request. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The request line can be sent on as it came. */
  readonly lineAsIs: boolean;
  readonly requestId: string;
  readonly upgrade: string;
  readonly sender: SenderLines;
}

/** Who sends a request, and what is said of that to the upstream. */
export interface SenderLines {
  /** Peer's address, and whether what it says of others is believed. */
  readonly peer: string;
  readonly peerTrusted: boolean;
  /** The lines for a peer that is not believed. */
  readonly peerLines: string;
}

export function peerLines(peer: string): string {
  return addressLines(peer, peer, 'http');
}

function addressLines(realIp: string, chain: string, proto: string): string {
  return `X-Real-IP: ${realIp}\r\nX-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${proto}\r\n`;
}

/** Kinds that are written by the engine, or never: their lines are not copied. */
const WRITTEN = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, EXPECT, UPGRADE, DROPPED, DISGUISED, REQUEST_ID];
const CLAIMS = [FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO, REAL_IP];
const FROM_TRUSTED = kindSet(...WRITTEN, ...CLAIMS);
const FROM_OTHERS = kindSet(...WRITTEN, ...CLAIMS, FORWARDED);

/**
 * The head of the request to the upstream (RFC 9112), without its last empty line: request line, the client's fields
 * in runs of unchanged lines, then what the engine and the service add. `drop`: the names of `edits.drop`; `framing`:
 * a field line or empty.
 */
export function requestHead(
  parts: RequestParts,
  fields: Fields,
  edits: RequestEdits,
  drop: NameSet | null,
  authority: string,
  framing: string,
): string {
  const { query } = parts;
  const sent = edits.dropQuery === null || query === '' ? query : dropParameters(query, edits.dropQuery);
  const asIs = parts.lineAsIs && sent === query;
  const host = fields.find(HOST);
  const clientHost = host === -1 ? '' : fields.value(host);
  if (host !== -1 && edits.host !== null) fields.kinds[host] = DROPPED;
  const without = parts.sender.peerTrusted ? FROM_TRUSTED : FROM_OTHERS;
  let head = asIs ? '' : `${parts.method} ${parts.path}${sent === '' ? '' : `?${sent}`} HTTP/1.1\r\n`;
  head += keptLines(fields, asIs ? 0 : fields.start, without, drop) + framing;
  if (host === -1 || edits.host !== null) head += `Host: ${edits.host ?? authority}\r\n`;
  if (parts.upgrade !== '') head += `Connection: Upgrade\r\nUpgrade: ${parts.upgrade}\r\n`;
  head += parts.sender.peerTrusted ? trustedLines(parts.sender.peer, fields) : parts.sender.peerLines;
  const forwardedHost = parts.sender.peerTrusted ? valueOf(fields, FORWARDED_HOST, clientHost) : clientHost;
  if (forwardedHost !== '') head += `X-Forwarded-Host: ${forwardedHost}\r\n`;
  return `${head}X-Request-Id: ${parts.requestId}\r\n${edits.add}`;
}

/** X-Real-IP and X-Forwarded-* of a trusted peer are continued. */
function trustedLines(peer: string, fields: Fields): string {
  const before = fields.combined(FORWARDED_FOR);
  const chain = before === null || before === '' ? peer : `${before}, ${peer}`;
  return addressLines(valueOf(fields, REAL_IP, peer), chain, valueOf(fields, FORWARDED_PROTO, 'http'));
}

function valueOf(fields: Fields, kind: number, fallback: string): string {
  const at = fields.find(kind);
  return at === -1 ? fallback : fields.value(at);
}
