import { expect, it } from 'vitest';
import { FormSyntaxError } from '../../../../backend/http/threescale/form/form.ts';
import { createFormParser } from '../../../../backend/http/threescale/form/parse.ts';
import { createOptionsReader } from '../../../../backend/http/threescale/options.ts';

const read = createOptionsReader(createFormParser());

it.each([
  ['no_body=1', true],
  ['no_body=yes', true],
  ['no_body=', true],
  ['no_body', false],
  ['no_body=0', false],
  ['no_body=false', false],
  [undefined, false],
])('%s leaves the body out: %s', (header, noBody) => {
  expect(read(header).noBody).toBe(noBody);
});

it('switches the others on by exactly 1', () => {
  const on = read('rejection_reason_header=1&limit_headers=1&hierarchy=1&flat_usage=1&list_app_keys=1&unknown=1');
  expect(on).toMatchObject({
    rejectionReasonHeader: true,
    limitHeaders: true,
    hierarchy: true,
    flatUsage: true,
    listAppKeys: true,
  });
  const off = read('rejection_reason_header=true&limit_headers=2&hierarchy=yes&flat_usage=&list_app_keys');
  expect(off).toMatchObject({
    rejectionReasonHeader: false,
    limitHeaders: false,
    hierarchy: false,
    flatUsage: false,
    listAppKeys: false,
  });
});

it('refuses a header that is no form', () => {
  expect(() => read('no_body=%')).toThrow(FormSyntaxError);
});

it('stays correct when more headers come than it remembers', () => {
  for (let i = 0; i < 1_000; i++) expect(read(`no_body=${i % 2}&x=${i}`).noBody).toBe(i % 2 === 1);
});
