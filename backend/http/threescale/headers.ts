import type { FastifyReply } from 'fastify';

/** Content type of every answer of the contract, without a charset. */
const CONTENT_TYPE = 'application/vnd.3scale-v2.0+xml';

const COMMON = {
  'content-type': CONTENT_TYPE,
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'ETag, Link, 3scale-rejection-reason',
  'x-content-type-options': 'nosniff',
};

const WITH_POLICY = { ...COMMON, 'content-security-policy': "default-src 'self'" };

const PREFLIGHT = {
  ...WITH_POLICY,
  'access-control-max-age': '86400',
  'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
  'access-control-allow-headers':
    'Authorization, Accept-Encoding, Content-Type, Cache-Control, Accept, If-Match, If-Modified-Since, ' +
    'If-None-Match, If-Unmodified-Since, X-Requested-With, X-HTTP-Method-Override, 3scale-options',
};

/** Headers of status documents, names and values in turn. */
export const CONTRACT_HEADERS: readonly string[] = Object.entries(WITH_POLICY).flat();

/** Headers of status documents and empty answers (contract section 1). */
export function withContractHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers(WITH_POLICY);
}

/** Headers of error documents: the same without a content security policy. */
export function withErrorHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers(COMMON);
}

export function withPreflightHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers(PREFLIGHT);
}
