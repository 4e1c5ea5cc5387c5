/** Fields that the engine treats by name. All others are `OTHER` and go through unchanged. */
export const OTHER = 0;
export const HOST = 1;
export const CONTENT_LENGTH = 2;
export const TRANSFER_ENCODING = 3;
export const CONNECTION = 4;
export const EXPECT = 5;
export const UPGRADE = 6;
/** Never sent on: hop-by-hop (RFC 9110 section 7.6.1), or able to say another path or method than the one matched. */
export const DROPPED = 7;
export const FORWARDED_FOR = 8;
export const FORWARDED_PROTO = 9;
export const FORWARDED_HOST = 10;
/** `Forwarded` and other X-Forwarded-*: kept from a trusted proxy, dropped from anyone else. */
export const FORWARDED = 11;
export const REAL_IP = 12;
export const REQUEST_ID = 13;
export const DATE = 14;
export const WEBSOCKET_KEY = 15;
export const WEBSOCKET_VERSION = 16;
/** Sensitive only in the spelling with `_`, and when named by Connection. */
export const GUARDED = 17;
/** A sensitive name spelled with `_`, which CGI-like upstreams read as the sensitive one. */
export const DISGUISED = 18;

const NAMES: readonly (readonly [number, string])[] = [
  [HOST, 'host'],
  [CONTENT_LENGTH, 'content-length'],
  [TRANSFER_ENCODING, 'transfer-encoding'],
  [CONNECTION, 'connection'],
  [EXPECT, 'expect'],
  [UPGRADE, 'upgrade'],
  [DROPPED, 'keep-alive proxy-connection proxy-authorization proxy-authenticate te trailer http2-settings'],
  [DROPPED, 'x-http-method x-http-method-override x-method-override x-original-url x-rewrite-url x-original-host'],
  [FORWARDED_FOR, 'x-forwarded-for'],
  [FORWARDED_PROTO, 'x-forwarded-proto'],
  [FORWARDED_HOST, 'x-forwarded-host'],
  [FORWARDED, 'forwarded x-forwarded x-forwarded-by x-forwarded-port x-forwarded-prefix x-forwarded-server'],
  [FORWARDED, 'x-forwarded-scheme x-forwarded-ssl x-forwarded-path x-forwarded-uri x-original-forwarded-for'],
  [FORWARDED, 'x-client-ip x-cluster-client-ip true-client-ip'],
  [REAL_IP, 'x-real-ip'],
  [REQUEST_ID, 'x-request-id'],
  [DATE, 'date'],
  [WEBSOCKET_KEY, 'sec-websocket-key'],
  [WEBSOCKET_VERSION, 'sec-websocket-version'],
  [GUARDED, 'authorization cookie content-type via'],
];

const LONGEST = 32;
const kinds = new Map(NAMES.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)));

interface Candidate {
  readonly bytes: Uint8Array;
  readonly kind: number;
}

/** The names above by (length, first letter): most fields have no candidate, and cost one look-up. */
const candidates: (Candidate[] | null)[] = Array.from({ length: (LONGEST + 1) * 32 }, () => null);
for (const [name, kind] of kinds) {
  const slot = name.length * 32 + (name.charCodeAt(0) & 31);
  candidates[slot] = [...(candidates[slot] ?? []), { bytes: Buffer.from(name), kind }];
}

/** Kind of the field whose name is `bytes[start, end)`, all token characters. */
export function kindOf(bytes: Uint8Array, start: number, end: number, underscore: boolean): number {
  const length = end - start;
  const found = length > LONGEST ? null : candidates[length * 32 + ((bytes[start] ?? 0) & 31)];
  if (found === null || found === undefined) return OTHER;
  if (underscore) return isDisguised(bytes, start, end) ? DISGUISED : OTHER;
  for (const candidate of found) if (isName(bytes, start, candidate.bytes)) return candidate.kind;
  return OTHER;
}

/** Whether the token at `start` is `name`, in any case: only letters change with the bit for lower case. */
function isName(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    if (((bytes[start + i] ?? 0) | 32) !== name[i]) return false;
  }
  return true;
}

function isDisguised(bytes: Uint8Array, start: number, end: number): boolean {
  const name = Buffer.from(bytes.subarray(start, end)).toString('latin1').toLowerCase();
  return kinds.has(name.replaceAll('_', '-'));
}

/** Names that a Connection field may not list: what frames or routes a request, or is added by the engine. */
export function isProtected(name: string): boolean {
  const kind = kinds.get(name) ?? OTHER;
  return (kind >= HOST && kind <= EXPECT) || (kind >= FORWARDED_FOR && kind <= DATE) || name === 'via';
}

/** Names, in any case, of fields that frame, route or control a message: they have no place behind its body. */
export function isControl(name: string): boolean {
  const kind = kinds.get(name.toLowerCase()) ?? OTHER;
  return kind >= HOST && kind <= DROPPED;
}
