import { Type } from 'typebox';
import type { Static } from 'typebox';
import { object, optional, pipeliningSchema, sizeSchema } from './schema-parts.ts';
import { BACKEND_DOWN } from './settings.ts';

/** A field name of RFC 9110 section 5.1. */
const FIELD_NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
/** A field value without the characters that could end its line. */
const FIELD_VALUE = '^[\\t\\u0020-\\u007e]*$';
/** What the engine accepts as a host: a registered name or an address, without port. */
const HOST = '^[0-9A-Za-z._-]{1,255}$|^\\[[0-9A-Fa-f:.]{2,45}\\]$';
const METHOD = '^[A-Z][A-Z-]*$';
/** A protocol of an Upgrade field, in lower case. */
const PROTOCOL = "^[!#$%&'*+.^_`|~0-9a-z/-]+$";
const PARAMETER = '^[^&=#]+$';

const name = (description: string) => Type.String({ minLength: 1, maxLength: 255, description });

export const ruleSchema = object({
  method: optional(Type.String({ pattern: METHOD, description: 'A method in upper case, or ANY (the default).' })),
  pattern: Type.String({
    minLength: 1,
    maxLength: 2048,
    description:
      'Start of the path. {name} stands for one or more characters of a segment, a final $ for the end of the path.',
  }),
  metric: name('System name of the metric or method.'),
  delta: optional(
    Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000, description: 'What the metric grows by (1).' }),
  ),
  last: optional(Type.Boolean({ description: 'Rules after this one are not looked at when it matches.' })),
  regex: optional(
    Type.Boolean({ description: 'The pattern is a regular expression in the dialect of docs/mapping-rules.md.' }),
  ),
  count: optional(Type.Enum(['always', 'success'], { description: 'success: only when the answer is 2xx or 3xx.' })),
  query: optional(
    Type.Record(Type.String({ pattern: PARAMETER }), Type.String(), {
      additionalProperties: false,
      description: 'Parameters that must be there: their value, or {name} for any value.',
    }),
  ),
});

const responseSchema = object({
  status: optional(Type.Integer({ minimum: 400, maximum: 599 })),
  body: optional(Type.String({ maxLength: 65_536 })),
  contentType: optional(Type.String({ pattern: FIELD_VALUE, minLength: 1 })),
});

const upstreamSchema = Type.Union(
  [
    Type.String({ minLength: 1 }),
    object({
      url: Type.String({ minLength: 1, description: 'http://HOST:PORT, https://HOST:PORT or unix:/PATH' }),
      host: optional(
        Type.String({ pattern: '^[!-~]+$', description: "Host sent upstream; absent: the client's own." }),
      ),
      connections: optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'Connections open at once.' })),
      pipelining: optional(pipeliningSchema('Requests under way on one connection; 1: no pipelining.')),
    }),
  ],
  { description: 'Where requests are sent.' },
);

export const serviceSchema = object({
  id: Type.Union([name('Id of the service at the backend.'), Type.Integer({ minimum: 0 })], {
    description: 'Id of the service at the backend.',
  }),
  token: optional(name('Service token.')),
  providerKey: optional(name('Provider key, instead of a service token.')),
  hosts: optional(
    Type.Array(Type.String({ pattern: HOST, description: 'A whole host name, without port and wildcard.' }), {
      minItems: 1,
      description: 'Host names without port; absent: every host that no other service has.',
    }),
  ),
  upstream: upstreamSchema,
  credentials: optional(
    object({
      in: optional(
        Type.Array(Type.Enum(['query', 'header', 'basic', 'form']), {
          minItems: 1,
          uniqueItems: true,
          description: 'Places, in the order in which they are looked at.',
        }),
      ),
      kinds: optional(
        Type.Array(Type.Enum(['user_key', 'app_id']), {
          minItems: 1,
          uniqueItems: true,
          description: 'What the service identifies applications by.',
        }),
      ),
      userKey: optional(Type.String({ pattern: FIELD_NAME })),
      appId: optional(Type.String({ pattern: FIELD_NAME })),
      appKey: optional(Type.String({ pattern: FIELD_NAME })),
    }),
  ),
  hideCredentials: optional(
    Type.Enum(['none', 'headers', 'all'], {
      description: 'Credentials that are not sent upstream: none, those in header fields (the default), or all.',
    }),
  ),
  rules: optional(Type.Array(ruleSchema, { maxItems: 10_000, description: 'Absent: every request is one hit.' })),
  requestHeaders: optional(
    object({
      set: optional(
        Type.Record(Type.String({ pattern: FIELD_NAME }), Type.String({ pattern: FIELD_VALUE }), {
          additionalProperties: false,
        }),
      ),
      remove: optional(Type.Array(Type.String({ pattern: FIELD_NAME }))),
    }),
  ),
  responses: optional(
    object(
      {
        credentialsMissing: optional(responseSchema),
        credentialsRefused: optional(responseSchema),
        noMatch: optional(responseSchema),
        limitsExceeded: optional(responseSchema),
      },
      'Answers in place of the defaults.',
    ),
  ),
  backendDown: optional(Type.Enum([...BACKEND_DOWN])),
  staleSeconds: optional(Type.Number({ minimum: 0, maximum: 31_536_000 })),
  encodedSlash: optional(Type.Enum(['refuse', 'pass'], { description: '%2F in a path: 400, or left as it is.' })),
  mergeSlashes: optional(Type.Boolean({ description: 'Several slashes in a row are one (true).' })),
  upgrades: optional(
    Type.Array(Type.String({ pattern: PROTOCOL }), {
      uniqueItems: true,
      description: 'Protocols a client may upgrade to.',
    }),
  ),
  maxBody: optional(sizeSchema('Largest request body; absent: no bound.')),
});

export type ServiceConfiguration = Static<typeof serviceSchema>;
export type RuleConfiguration = Static<typeof ruleSchema>;
export type ResponseConfiguration = Static<typeof responseSchema>;
