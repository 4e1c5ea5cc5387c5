import type { FastifyRequest } from 'fastify';
import { FormSyntaxError } from './form.ts';
import type { FormMap, ParsedForm } from './form.ts';
import { boundaryOf, parseMultipart } from './multipart.ts';
import type { FormParser } from './parse.ts';

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';

/** The media type of a content type, without its parameters, in lower case; empty when there is none. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** A form comes as one of two media types, or without saying so. */
export function isFormType(contentType: string | undefined): boolean {
  const type = mediaType(contentType);
  return type === '' || type === FORM || type === MULTIPART;
}

/** The query string, exactly as sent; empty when there is none. */
export function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}

/** The parameters of query and body; one in the body wins. Throws FormSyntaxError. */
export function readParameters(url: string, body: Buffer | null, type: string, parse: FormParser): ParsedForm {
  const query = parse(queryOf(url));
  if (body === null || body.length === 0) return query;
  const form = mediaType(type) === MULTIPART ? parseParts(body, type) : parse(body.toString('latin1'));
  const values: FormMap = new Map(query.values);
  for (const [name, value] of form.values) values.set(name, value);
  return { values, invalidEncoding: query.invalidEncoding || form.invalidEncoding };
}

function parseParts(body: Buffer, type: string): ParsedForm {
  const boundary = boundaryOf(type);
  if (boundary === null) throw new FormSyntaxError('the multipart body has no boundary');
  return parseMultipart(body, boundary);
}

/** True for a GET that carries a form, which the contract accepts. */
export function carriesForm(request: FastifyRequest): boolean {
  const { headers } = request.raw;
  const type = headers['content-type'];
  if (type === undefined || mediaType(type) === '' || !isFormType(type)) return false;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
