import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest } from './errors.ts';

/** Largest body, bytes: a batch of a few thousand applications. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** A body as it was parsed, and as it was written. */
export class JsonBody {
  readonly value: unknown;
  readonly text: string;

  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }
}

/** Every body is JSON, whatever its content type says; an empty one is no body. */
export function parseJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const options = { parseAs: 'string', bodyLimit: BODY_LIMIT } as const;
  server.addContentTypeParser('*', options, async (_request: FastifyRequest, text: string) => {
    if (text.trim() === '') return undefined;
    try {
      return new JsonBody(JSON.parse(text), text);
    } catch {
      throw badRequest('the body is not valid JSON');
    }
  });
}

/** An integer member exactly as it was written, where a JavaScript number could not hold it. */
export function exactInteger(request: FastifyRequest, member: string): string | undefined {
  const { body } = request;
  if (!(body instanceof JsonBody)) return undefined;
  const name = JSON.stringify(member).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`${name}\\s*:\\s*(-?\\d{16,19})\\s*[,}]`).exec(body.text)?.[1];
}
