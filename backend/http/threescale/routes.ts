import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Routes } from '../../contract.ts';
import { sendEmpty } from './answer.ts';
import { authorizeHandler } from './authorize.ts';
import type { Endpoint } from './authorize.ts';
import type { ThreescaleDeps } from './deps.ts';
import { answerContractErrors } from './errors.ts';
import { createFormParser } from './form/parse.ts';
import { readBody } from './form/read-body.ts';
import { withContractHeaders, withPreflightHeaders } from './headers.ts';
import { createOptionsReader } from './options.ts';
import { reportHandler } from './report.ts';
import { STATUS } from './version.ts';
import { createWindowText } from './xml/window-text.ts';

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/transactions/authorize.xml', { oauth: false, count: false }],
  ['/transactions/authrep.xml', { oauth: false, count: true }],
  ['/transactions/oauth_authorize.xml', { oauth: true, count: false }],
  ['/transactions/oauth_authrep.xml', { oauth: true, count: true }],
]);

/** The 3scale Service Management API (contract section 1), and the answer to every path that no API has. */
export function threescaleRoutes(deps: ThreescaleDeps): Routes {
  return (server) => {
    const parseForm = createFormParser();
    const parts = { parseForm, readOptions: createOptionsReader(parseForm), windowText: createWindowText() };
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', (_request: FastifyRequest, message: IncomingMessage) => readBody(message));
    answerContractErrors(server, deps);
    for (const [path, endpoint] of ENDPOINTS) server.get(path, authorizeHandler(endpoint, deps, parts));
    server.post('/transactions.xml', { onRequest: dropEmptyType }, reportHandler(deps, parts));
    addMonitoring(server);
    server.options('*', (_request, reply) => withPreflightHeaders(reply.code(204)).send());
  };
}

/** Call with the server itself, not with a context: a path that no API has is 404 without a body, everywhere. */
export function answerUnknownPaths(server: FastifyInstance): void {
  server.setNotFoundHandler((_request, reply) => sendEmpty(reply, 404));
}

/** The contract takes an empty content type for none; the server would refuse it. */
async function dropEmptyType(request: FastifyRequest): Promise<void> {
  if (request.raw.headers['content-type'] === '') delete request.raw.headers['content-type'];
}

function addMonitoring(server: FastifyInstance): void {
  server.get('/check.txt', (_request, reply) => withContractHeaders(reply).type('text/plain;charset=utf-8').send('ok'));
  server.get('/status', (_request, reply) => withContractHeaders(reply).type('application/json').send(STATUS));
  server.head('/available', (_request, reply) => sendEmpty(reply, 200));
}
