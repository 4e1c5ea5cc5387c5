import { denials } from '../errors.ts';
import type { Denial } from '../errors.ts';
import type { Application } from '../model.ts';
import { matchesFilter } from '../referrer.ts';
import { stripWhitespace } from '../whitespace.ts';
import type { Presented } from './check.ts';

const ANY = '*';

/** The referrer must match a filter, where the service requires filters and the application has some. */
export function checkReferrer(application: Application, presented: Presented): Denial | null {
  const filters = application.referrerFilters;
  if (!application.service.referrerFiltersRequired || filters.length === 0) return null;
  const { referrer } = presented;
  if (referrer === null || stripWhitespace(referrer) === '') return denials.referrerMissing;
  if (referrer === ANY || filters.some((filter) => matchesFilter(filter, referrer))) return null;
  return denials.referrerNotAllowed(referrer);
}
