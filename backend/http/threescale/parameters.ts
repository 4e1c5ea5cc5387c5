import type { Presented } from '../../domain/checks/check.ts';
import type { RawUsage } from '../../domain/usage.ts';
import { stripWhitespace } from '../../domain/whitespace.ts';
import { isFormMap, textOf } from './form/form.ts';
import type { FormMap, FormValue } from './form/form.ts';

/** A credential: white space around it is dropped; empty, or not a text, is absent. */
export function credential(values: FormMap, name: string): string | null {
  const value = values.get(name);
  if (typeof value !== 'string') return null;
  const stripped = stripWhitespace(value);
  return stripped === '' ? null : stripped;
}

/** What the checks look at. Only an application key keeps its meaning when it is empty. */
export function readPresented(values: FormMap): Presented {
  const appKey = values.get('app_key');
  return {
    appKey: typeof appKey === 'string' ? stripWhitespace(appKey) : null,
    referrer: textOf(values.get('referrer')),
    redirectUrl: textOf(values.get('redirect_url')),
    redirectUri: textOf(values.get('redirect_uri')),
  };
}

/** Names and values of a `usage[...]` map; a value that is not a text is null. */
export function readRawUsage(usage: FormMap): RawUsage {
  const entries: [string, string | null][] = [];
  for (const [name, value] of usage) entries.push([name, textOf(value)]);
  return entries;
}

/** The `code` of a `log[...]` map; its other members are ignored. */
export function readLogCode(log: FormValue | undefined): string | null {
  return isFormMap(log) ? textOf(log.get('code')) : null;
}
