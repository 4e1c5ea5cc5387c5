import type { FastifyInstance } from 'fastify';
import { Counter } from 'prom-client';
import { Durations, ExportedHistogram } from './histogram.ts';
import type { Metrics } from './metrics.ts';

/** Upper bounds of the duration histogram, ms. */
const BOUNDS = [0.5, 1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2500, 5000];
const CLASSES = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** What one route has answered. */
interface RouteCounts {
  /** By status class, as in CLASSES. */
  readonly classes: Float64Array;
  readonly durations: Durations;
}

/** Counts requests by route, status class and duration. The routes are the server's own, so the labels are bounded. */
export function observeRequests(server: FastifyInstance, metrics: Metrics): void {
  const routes = new Map<string, RouteCounts>();
  metrics.registry.registerMetric(requestCounter(routes));
  metrics.registry.registerMetric(
    new ExportedHistogram(
      {
        name: 'tallygate_backend_request_duration_seconds',
        help: 'Time from the request to the end of its answer.',
        label: 'route',
      },
      () => [...routes].map(([route, counts]) => [route, counts.durations] as const),
    ),
  );
  server.addHook('onResponse', (request, reply, done) => {
    const counts = countsOf(routes, request.routeOptions.url ?? 'none');
    const index = Math.floor(reply.statusCode / 100);
    const known = index >= 1 && index <= 5 ? index : 0;
    counts.classes[known] = (counts.classes[known] ?? 0) + 1;
    counts.durations.observe(reply.elapsedTime);
    done();
  });
}

function countsOf(routes: Map<string, RouteCounts>, route: string): RouteCounts {
  let counts = routes.get(route);
  if (counts === undefined) {
    counts = { classes: new Float64Array(CLASSES.length), durations: new Durations(BOUNDS) };
    routes.set(route, counts);
  }
  return counts;
}

function requestCounter(routes: ReadonlyMap<string, RouteCounts>): Counter {
  return new Counter({
    name: 'tallygate_backend_requests_total',
    help: 'Requests answered, by route and status class.',
    labelNames: ['route', 'code'],
    registers: [],
    collect() {
      this.reset();
      for (const [route, counts] of routes) {
        counts.classes.forEach((count, index) => {
          if (count > 0) this.inc({ route, code: CLASSES[index] ?? 'other' }, count);
        });
      }
    },
  });
}
