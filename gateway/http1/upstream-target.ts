import { isIP } from 'node:net';

/** Where an upstream listens. */
export interface UpstreamTarget {
  /** As given, for metrics and logs. */
  readonly name: string;
  readonly secure: boolean;
  /** Empty for a unix socket. */
  readonly host: string;
  readonly port: number;
  /** Path of a unix socket; empty for TCP. */
  readonly path: string;
  /** What goes into Host when the client gave none. */
  readonly authority: string;
}

/** Reads `http://host:port`, `https://host:port` or `unix:/path`. Throws a RangeError with the reason on anything else. */
export function upstreamTarget(url: string): UpstreamTarget {
  if (url.startsWith('unix:')) return unixTarget(url);
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw new RangeError(`upstream ${JSON.stringify(url)} must be http://host:port, https://host:port or unix:/path`);
  }
  if (parsed.username !== '' || parsed.password !== '') throw new RangeError('an upstream takes no user or password');
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '') {
    throw new RangeError(`upstream ${JSON.stringify(url)} must end with its host or port`);
  }
  const secure = parsed.protocol === 'https:';
  const host = parsed.hostname.replaceAll(/^\[|\]$/g, '');
  const port = parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port);
  return { name: url, secure, host, port, path: '', authority: parsed.host };
}

/** Node truncates longer paths silently. */
const MAX_SOCKET_PATH = 107;

function unixTarget(url: string): UpstreamTarget {
  const path = url.slice('unix:'.length);
  if (!path.startsWith('/') || Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new RangeError(
      `upstream ${JSON.stringify(url)} must have an absolute path of at most ${MAX_SOCKET_PATH} bytes`,
    );
  }
  return { name: url, secure: false, host: '', port: 0, path, authority: 'localhost' };
}

/** The name for SNI and for the check of the certificate; addresses have none. */
export function serverNameOf(target: UpstreamTarget): string {
  return isIP(target.host) === 0 ? target.host : '';
}
