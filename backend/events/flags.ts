import type { ApplicationRef, DocumentKey } from '../store/store.ts';

/** Flags by which an event is raised once. */
export const flags = {
  everUsed: ({ service, application }: ApplicationRef): DocumentKey => ['used', service, application],
  usedOn: ({ service, application }: ApplicationRef, day: string): DocumentKey => [
    'used-on',
    service,
    application,
    day,
  ],
  alerted: ({ service, application }: ApplicationRef, bin: number): DocumentKey => [
    'alerted',
    service,
    application,
    String(bin),
  ],
} as const;
