import type { FormMap, FormValue } from './form/form.ts';
import type { FormParser } from './form/parse.ts';

/** Extensions that a caller switches on by the header `3scale-options` (contract section 6). */
export interface Options {
  readonly noBody: boolean;
  readonly rejectionReasonHeader: boolean;
  readonly limitHeaders: boolean;
  readonly hierarchy: boolean;
  readonly flatUsage: boolean;
  readonly listAppKeys: boolean;
  /** Ours: a report keeps its good transactions when some are bad. */
  readonly keepGood: boolean;
}

export const NO_OPTIONS: Options = Object.freeze({
  noBody: false,
  rejectionReasonHeader: false,
  limitHeaders: false,
  hierarchy: false,
  flatUsage: false,
  listAppKeys: false,
  keepGood: false,
});

/** A client sends the same header in every request: this many are remembered, each up to this length. */
const CACHE_SIZE = 256;
const CACHE_LENGTH = 256;

/** Reads the header; unknown options are ignored. Throws FormSyntaxError when it is not a URL-encoded form. */
export type OptionsReader = (header: string | readonly string[] | undefined) => Options;

export function createOptionsReader(parseForm: FormParser): OptionsReader {
  const known = new Map<string, Options>();
  return (header) => {
    if (header === undefined) return NO_OPTIONS;
    const text = typeof header === 'string' ? header : header.join('&');
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const options = readOptions(parseForm(text).values);
    if (text.length <= CACHE_LENGTH) {
      if (known.size >= CACHE_SIZE) known.clear();
      known.set(text, options);
    }
    return options;
  };
}

function readOptions(values: FormMap): Options {
  return Object.freeze({
    noBody: isOn(values.get('no_body')),
    rejectionReasonHeader: values.get('rejection_reason_header') === '1',
    limitHeaders: values.get('limit_headers') === '1',
    hierarchy: values.get('hierarchy') === '1',
    flatUsage: values.get('flat_usage') === '1',
    listAppKeys: values.get('list_app_keys') === '1',
    keepGood: isOn(values.get('keep_good')),
  });
}

/** How `no_body` is read, as an option and as a parameter: any value but `0` and `false`; a bare name is off. */
export function isOn(value: FormValue | undefined): boolean {
  return value !== undefined && value !== null && value !== '0' && value !== 'false';
}
