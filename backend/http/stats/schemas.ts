import { Type } from 'typebox';
import { GRANULARITIES, SPANS } from '../../analytics/calendar.ts';

/** An exact integer of up to 64 bits, written in JSON as such. */
const Integer64 = Type.Unsafe<bigint>({ type: 'integer', format: 'int64' });
const Text = (description: string) => Type.String({ description, maxLength: 1024 });
const NullableText = Type.Union([Type.String(), Type.Null()]);

export const ServiceParams = Type.Object({ service_id: Text('Id of the service.') });
export const ApplicationParams = Type.Object({ app_id: Text('Id of the application.') });
export const ServiceApplicationParams = Type.Object({
  service_id: Text('Id of the service.'),
  app_id: Text('Id of the application.'),
});

const rangeQuery = {
  since: Type.Optional(
    Text(
      'Start: YYYY-MM-DD, or with a time, in the time zone or with an offset of its own. Without it a period ends now.',
    ),
  ),
  until: Type.Optional(Text('End, included; instead of period.')),
  period: Type.Optional(Type.String({ description: `Length of the range: ${SPANS.join(', ')}.` })),
  granularity: Type.Optional(Type.String({ description: `What one value covers: ${GRANULARITIES.join(', ')}.` })),
  timezone: Type.Optional(Text('Name of the IANA database; default UTC.')),
  skip_change: Type.Optional(Type.String({ description: 'true: without previous_total and change.' })),
  access_token: Type.Optional(Text('The admin token, where no Authorization header can be sent.')),
  service_id: Type.Optional(Text('Which service is meant, where several have an application of this id.')),
};

export const UsageQuery = Type.Object({ metric_name: Text('Name of the metric or method.'), ...rangeQuery });
export const ResponseCodeQuery = Type.Object({
  response_code: Text('200, 403, 404, 500, 503, 2XX, 4XX or 5XX.'),
  ...rangeQuery,
});
export const TopQuery = Type.Object({
  metric_name: Text('Name of the metric or method.'),
  period: Type.String({ description: `The calendar window: ${SPANS.join(', ')}.` }),
  since: Type.Optional(Text('Some moment in the window; default now.')),
  timezone: rangeQuery.timezone,
  access_token: rangeQuery.access_token,
});

const Metric = Type.Object({ id: Type.String(), name: Type.String(), system_name: Type.String(), unit: Type.String() });
const Plan = Type.Object({ id: NullableText, name: NullableText });
const Application = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: Type.String(),
  plan: Plan,
  service: Type.Object({ id: Type.String() }),
});

const Period = Type.Object({
  name: NullableText,
  since: Type.String({ description: 'First second.' }),
  until: Type.String({ description: 'Last second.' }),
  timezone: Type.String(),
  granularity: Type.String(),
  approximate: Type.Optional(
    Type.Boolean({
      description: 'Some value is not exact to the hour: see the documentation of time zones and retention.',
    }),
  ),
});

export const UsageAnswer = Type.Object({
  metric: Type.Optional(Metric),
  response_code: Type.Optional(Type.Object({ code: Type.String() })),
  application: Type.Optional(Application),
  period: Period,
  total: Integer64,
  values: Type.Array(Integer64),
  previous_total: Type.Optional(Integer64),
  change: Type.Optional(Type.Number({ description: 'Per cent of previous_total.' })),
});

export const TopAnswer = Type.Object({
  metric: Metric,
  period: Type.Object({ name: Type.String(), since: Type.String(), until: Type.String(), timezone: Type.String() }),
  applications: Type.Array(Type.Object({ ...Application.properties, value: Integer64 })),
});

export const ServicesAnswer = Type.Object({
  services: Type.Array(Type.Object({ id: Type.String(), metrics: Type.Array(Type.String()) })),
});
export const ApplicationsAnswer = Type.Object({ applications: Type.Array(Type.String()) });

export const ErrorAnswer = Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) });
