import type { FastifyInstance } from 'fastify';
import { isList, isObject, text } from '../../configuration/records/fields.ts';
import { utcText } from '../../events/utc-text.ts';
import { leadingInteger, membersOf, pathParameter } from './attributes.ts';
import type { InternalDeps } from './deps.ts';
import { InternalError, notFound } from './errors.ts';
import type { Answer } from './json.ts';
import { toJson } from './json.ts';

export function eventRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { events } = deps;

  server.get('/events/', async () => {
    const listed = await events.list();
    const shown = listed.map(({ id, type, timestamp, object }): Answer => ({ id, type, timestamp, object }));
    return toJson({ status: 'found', events: shown });
  });

  server.delete('/events/:event', async (request) => {
    const id = pathParameter(request, 'event');
    if (!/^\d{1,15}$/.test(id) || !(await events.delete(Number(id)))) throw notFound('event not found');
    return toJson({ status: 'deleted' });
  });

  server.delete('/events/', async (request) => {
    const upTo = leadingInteger(membersOf(request)['upto_id']);
    return toJson({ status: 'deleted', num_events: upTo <= 0 ? 0 : await events.deleteUpTo(upTo) });
  });

  if (!deps.testControl) return;
  server.post('/events/', async (request, reply) => {
    const given = membersOf(request)['events'];
    if (!isList(given)) throw new InternalError(400, { status: 'error', error: "missing parameter 'events'" });
    for (const event of given) {
      if (!isObject(event)) continue;
      const object = event['object'];
      await events.append(text(event, 'type') ?? '', isObject(object) ? object : {}, utcText(deps.clock.now()));
    }
    void reply.code(201);
    return toJson({ status: 'created' });
  });
}
