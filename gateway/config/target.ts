import { BlockList, isIP } from 'node:net';

/** What is wrong with a target's address. Never says the address itself: it may hold a password. */
export interface TargetProblem {
  readonly wrong: string;
  readonly remedy: string;
}

export interface TargetRules {
  /** May it be `unix:/path`? */
  readonly unixSockets: boolean;
  /** May it have a path, which is put before the request's own? */
  readonly path: boolean;
}

/** Longest path of a Unix socket; Node 20 cuts a longer one off silently. */
const MAX_SOCKET_PATH = 107;

/** Link-local addresses: no app is there, but the metadata service of many clouds, with secrets, is. */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addAddress('fd00:ec2::254', 'ipv6');

/** Null: a backend or an upstream may be at this address. */
export function targetProblem(value: string, rules: TargetRules): TargetProblem | null {
  if (value.startsWith('unix:')) return socketProblem(value.slice('unix:'.length), rules);
  const forms = rules.unixSockets
    ? 'http://HOST:PORT, https://HOST:PORT or unix:/PATH'
    : 'http://HOST:PORT or https://HOST:PORT';
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { wrong: 'it is not an address that can be used here', remedy: `use ${forms}` };
  }
  if (url.username !== '' || url.password !== '')
    return { wrong: 'it holds a user or a password', remedy: `use ${forms}` };
  if (url.search !== '' || url.hash !== '') return { wrong: 'it has a query or a fragment', remedy: `use ${forms}` };
  if (url.port === '0') return { wrong: 'port 0 is no port to connect to', remedy: `use ${forms}` };
  if (!rules.path && url.pathname !== '/') {
    return {
      wrong: `it has the path ${JSON.stringify(url.pathname)}`,
      remedy: 'leave the path out: requests are sent on with their own',
    };
  }
  return isLinkLocal(url.hostname)
    ? { wrong: 'it is a link-local address', remedy: 'use another address of the target' }
    : null;
}

function socketProblem(path: string, rules: TargetRules): TargetProblem | null {
  if (!rules.unixSockets) return { wrong: 'it is a Unix socket', remedy: 'use http://HOST:PORT or https://HOST:PORT' };
  if (path.startsWith('/') && Buffer.byteLength(path) <= MAX_SOCKET_PATH) return null;
  return {
    wrong: 'it is not the path of a socket',
    remedy: `use unix:/PATH, absolute and at most ${MAX_SOCKET_PATH} bytes long`,
  };
}

/** `hostname`: of a WHATWG URL, which has written every spelling of an IPv4 address as four decimal numbers. */
function isLinkLocal(hostname: string): boolean {
  const address = hostname.replaceAll(/^\[|\]$/g, '');
  const family = isIP(address);
  return family !== 0 && linkLocal.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
