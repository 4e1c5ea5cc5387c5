import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { systemClock } from '../../../../shared/clock.ts';
import { createLogger } from '../../../../shared/log.ts';
import { requireCredentials } from '../../../../backend/http/internal/authentication.ts';
import { answerInternalErrors } from '../../../../backend/http/internal/errors.ts';

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

async function status(
  authorization: string | undefined,
  credentials = { user: 'u', password: 'p:w' },
): Promise<number> {
  const server = fastify();
  answerInternalErrors(server, createLogger('test', 'silent'));
  requireCredentials(server, credentials, systemClock);
  server.get('/', () => 'in');
  const headers = authorization === undefined ? {} : { authorization };
  return (await server.inject({ method: 'GET', url: '/', headers })).statusCode;
}

it.each([
  [basic('u', 'p:w'), 200],
  [basic('u', 'p'), 401],
  [basic('', 'p:w'), 401],
  [basic('U', 'p:w'), 401],
  ['Basic !!!', 401],
  ['Bearer p:w', 401],
  [undefined, 401],
])('answers %s with %i', async (authorization, expected) => {
  expect(await status(authorization)).toBe(expected);
});
