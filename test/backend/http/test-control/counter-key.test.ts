import { expect, it } from 'vitest';
import { parseAlertKey, parseCounterKey } from '../../../../backend/http/test-control/counter-key.ts';

it.each([
  ['stats/{service:7}/cinstance:9/metric:11/minute:20260318102', '2026-03-18T10:20:00Z'],
  ['stats/{service:7}/cinstance:9/metric:11/hour:202603181', '2026-03-18T10:00:00Z'],
  ['stats/{service:7}/cinstance:9/metric:11/hour:202603182', '2026-03-18T20:00:00Z'],
  ['stats/{service:7}/cinstance:9/metric:11/hour:20260318', '2026-03-18T00:00:00Z'],
  ['stats/{service:7}/cinstance:9/metric:11/week:20260316', '2026-03-16T00:00:00Z'],
  ['stats/{service:7}/cinstance:9/metric:11/year:20260101', '2026-01-01T00:00:00Z'],
  ['stats/{service:7}/cinstance:9/metric:11/eternity', '1970-01-01T00:00:00Z'],
])('finds the window of %s', (key, start) => {
  expect(parseCounterKey(key)).toMatchObject({
    service: '7',
    application: '9',
    counter: { metric: '11' },
    start: Date.parse(start),
  });
});

it('tells the sum of a service and a response code apart', () => {
  expect(parseCounterKey('stats/{service:7}/response_code:2XX/day:20260318')).toMatchObject({
    application: null,
    counter: { code: '2XX' },
    period: 'day',
  });
  expect(parseCounterKey('stats/{service:7}/cinstances')).toBeNull();
  expect(parseCounterKey('stats/{service:7}/metric:1/fortnight:20260318')).toBeNull();
});

it('finds the flag that mutes an alert', () => {
  expect(parseAlertKey('alerts/service_id:7/app_id:9/90/already_notified')).toEqual({
    service: '7',
    application: '9',
    bin: 90,
  });
  expect(parseAlertKey('alerts/service_id:7/allowed_set')).toBeNull();
});
