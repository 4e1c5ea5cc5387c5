import { isIPv6 } from 'node:net';

const MAX_LENGTH = 300;
/** A registered name or IPv4 address, and a port: less than RFC 3986 section 3.2 allows, no escapes, no userinfo. */
const NAMED = /^([0-9A-Za-z._-]{1,255})(?::([0-9]{1,5}))?$/;
const ADDRESS = /^(\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?$/;

/** The lower-case host of an authority (a Host field, an absolute target), without its port; null: malformed. */
export function hostOf(authority: string): string | null {
  if (authority.length > MAX_LENGTH) return null;
  const match = NAMED.exec(authority) ?? ADDRESS.exec(authority);
  if (match === null) return null;
  const [, host = '', port] = match;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return null;
  if (host.startsWith('[') && !isIPv6(host.slice(1, -1))) return null;
  return host.toLowerCase();
}

/** Whether two authorities name the same host and port; `scheme` gives the port of one that has none. */
export function sameAuthority(one: string, other: string, scheme: string): boolean {
  const standard = scheme === 'https' ? ':443' : ':80';
  return withoutPort(one, standard) === withoutPort(other, standard);
}

function withoutPort(authority: string, standard: string): string {
  const lower = authority.toLowerCase();
  return lower.endsWith(standard) ? lower.slice(0, -standard.length) : lower;
}
