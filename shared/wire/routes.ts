import { AuthorizeAnswer, AuthorizeRequest } from './authorize.ts';
import { BatchAnswer, BatchRequest } from './batches.ts';
import { WIRE_BOUNDS } from './bounds.ts';
import { Discovery } from './discovery.ts';
import { HeartbeatAnswer, HeartbeatRequest } from './heartbeat.ts';
import { LeasesAnswer, LeasesRequest } from './leases.ts';

/** The gateway protocol, version 1: what the backend serves and the gateway calls. */
export const ROUTES = {
  discovery: { method: 'GET', path: '/v1', answer: Discovery },
  authorize: {
    method: 'POST',
    path: '/v1/authorize',
    body: AuthorizeRequest,
    answer: AuthorizeAnswer,
    bodyLimit: WIRE_BOUNDS.bodyBytes,
  },
  leases: {
    method: 'POST',
    path: '/v1/leases',
    body: LeasesRequest,
    answer: LeasesAnswer,
    bodyLimit: WIRE_BOUNDS.bodyBytes,
  },
  heartbeat: {
    method: 'POST',
    path: '/v1/heartbeat',
    body: HeartbeatRequest,
    answer: HeartbeatAnswer,
    bodyLimit: WIRE_BOUNDS.bodyBytes,
  },
  batches: {
    method: 'POST',
    path: '/v1/batches',
    body: BatchRequest,
    answer: BatchAnswer,
    bodyLimit: WIRE_BOUNDS.batchBytes,
  },
} as const;
