import type { Service, ServiceTable } from './service.ts';

/** A service and the hosts it is for; null: every host that no other service has. */
export interface HostedService {
  readonly hosts: readonly string[] | null;
  readonly service: Service;
}

/** Finds services by exact host, lower case, without port. */
export function createServiceTable(hosted: readonly HostedService[]): ServiceTable {
  const all = Object.freeze(hosted.map(({ service }) => service));
  const byHost = new Map(hosted.flatMap(({ hosts, service }) => (hosts ?? []).map((host) => [host, service] as const)));
  const fallback = hosted.find(({ hosts }) => hosts === null)?.service ?? null;
  if (byHost.size === 0) return Object.freeze({ all, find: () => fallback });
  return Object.freeze({ all, find: (host: string) => byHost.get(host) ?? fallback });
}
