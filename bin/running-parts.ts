import type { EnvironmentMap } from '../shared/env.ts';
import { UsageError } from './usage-error.ts';

export const PARTS = ['gateway', 'backend', 'worker'] as const;
export type Part = (typeof PARTS)[number];

/** Where each part answers health and metrics: the variables that move it, and the default port. */
const ADMIN: Readonly<
  Record<Part, { readonly port: string; readonly host: readonly string[]; readonly fallback: string }>
> = {
  gateway: { port: 'ADMIN_PORT', host: ['ADMIN_HOST', 'HOST'], fallback: '8090' },
  backend: { port: 'PORT', host: ['HOST'], fallback: '3000' },
  worker: { port: 'ADMIN_PORT', host: ['ADMIN_HOST'], fallback: '3001' },
};

/** The address of a part by the same variables that the part itself reads, or the URL that was given instead of its name. */
export function addressOf(part: string, env: EnvironmentMap): URL {
  const known = PARTS.find((name) => name === part);
  if (known !== undefined) {
    const { port, host, fallback } = ADMIN[known];
    const bound = host.map((name) => env[name]).find((value) => value !== undefined && value !== '') ?? '127.0.0.1';
    return new URL(`http://${reachable(bound)}:${env[port] ?? fallback}`);
  }
  if (/^https?:\/\//.test(part) && URL.canParse(part)) return new URL(part);
  throw new UsageError(`${part}: not a part of tallygate; use ${PARTS.join(', ')} or a URL that starts with http://`);
}

/** A wildcard address is where one listens, not where one connects. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::' || host === '[::]') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
