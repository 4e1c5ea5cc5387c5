import { Type } from 'typebox';
import type { Static, TProperties, TSchema } from 'typebox';
import { PERIODS } from '../../../shared/period.ts';

/** An object that has no other members than these: a misspelt name is an error. */
function object<const P extends TProperties>(properties: P, description: string) {
  return Type.Object(properties, { additionalProperties: false, description });
}

function optional<const S extends TSchema>(schema: S) {
  return Type.Optional(schema);
}

const Id = Type.String({ minLength: 1, maxLength: 250 });
const Secret = Type.String({ minLength: 1, maxLength: 512 });

const MetricSchema = object(
  {
    id: optional(Id),
    name: Id,
    parent: optional(Type.String({ minLength: 1, description: 'name of the metric that this one also counts for' })),
  },
  'a metric or method; its id is its name unless it is given',
);

const LimitSchema = object(
  {
    metric: Type.String({ minLength: 1, description: 'name of a metric of the service' }),
    period: Type.Enum([...PERIODS]),
    max: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: '0 disables the metric' }),
  },
  'how much of a metric an application may use in a period',
);

const PlanSchema = object({ id: Id, name: optional(Type.String()), limits: Type.Array(LimitSchema) }, 'a plan');

const ApplicationSchema = object(
  {
    id: Id,
    state: optional(Type.Enum(['active', 'suspended', 'pending'])),
    plan: optional(Type.String({ minLength: 1, description: 'id of a plan of the service' })),
    redirectUrl: optional(Type.String()),
    userKeys: optional(Type.Array(Secret)),
    keys: optional(Type.Array(Secret)),
    referrerFilters: optional(Type.Array(Type.String({ minLength: 1 }))),
  },
  'an application; what is absent is left as it is',
);

const ServiceSchema = object(
  {
    id: Id,
    providerKey: optional(Secret),
    backendVersion: optional(Type.Enum(['1', '2', 'oauth'])),
    state: optional(Type.Enum(['active', 'suspended'])),
    referrerFiltersRequired: optional(Type.Boolean()),
    default: optional(Type.Literal(true)),
    tokens: optional(Type.Array(Secret)),
    alertLimits: optional(Type.Array(Type.Enum([0, 50, 80, 90, 100, 120, 150, 200, 300]))),
    metrics: optional(Type.Array(MetricSchema)),
    plans: optional(Type.Array(PlanSchema)),
    applications: optional(Type.Array(ApplicationSchema)),
  },
  'a service; a list that is absent is left as it is',
);

/** What `tallygate apply` reads and `tallygate export` writes. */
export const declarationSchema = Type.Object(
  { services: Type.Array(ServiceSchema) },
  {
    $id: 'https://tallygate.dev/schema/configuration.json',
    title: 'Services, plans and applications of a Tallygate backend',
    additionalProperties: false,
  },
);

export type Declaration = Static<typeof declarationSchema>;
export type DeclaredService = Static<typeof ServiceSchema>;
export type DeclaredApplication = Static<typeof ApplicationSchema>;
