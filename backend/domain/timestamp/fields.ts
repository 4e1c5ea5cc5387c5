/** What was found in a text; a field is null where the text does not give it. */
export interface DateFields {
  year: number | null;
  month: number | null;
  day: number | null;
}

export interface TimeFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Seconds east of UTC; null when the text names no zone that is known. */
  readonly offset: number | null;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export const MONTH = `(${MONTHS.join('|')})`;

export function monthNumber(name: string): string {
  return String(MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1);
}

/** Years of two digits are of 1969 to 2068. */
const CENTURY_SWITCH = 69;

/**
 * Puts three numbers in their order: the one with an apostrophe or more than two digits is the year, wherever it
 * stands, so that 18/3/2026 and 2026/3/18 are one day.
 */
export function arrange(first: string | null, second: string | null, third: string | null): DateFields {
  let [year, month, day] = [first, second, third];
  if (year !== null && month !== null && day === null) [year, month, day] = [null, year, month];
  if (year === null && day !== null && isYear(day)) [year, day] = [day, null];
  if (year !== null && /^'?-?\d+(?:st|nd|rd|th)/i.test(year)) [year, day] = [day, year];
  if (month !== null && isYear(month)) [year, month, day] = [month, day, year];
  if (day !== null && isYear(day)) [year, day] = [day, year];
  return { year: year === null ? null : readYear(year), month: readNumber(month), day: readNumber(day) };
}

function isYear(text: string): boolean {
  return text.startsWith("'") || text.replace(/\D.*$/, '').length > 2;
}

function readYear(text: string): number | null {
  const found = /([-+]?)(\d+)/.exec(text);
  if (found === null) return null;
  const [, sign = '', digits = ''] = found;
  const number = Number(digits);
  if (sign === '-') return -number;
  const complete = sign !== '' || digits.length > 2;
  return complete ? number : number + (number >= CENTURY_SWITCH ? 1900 : 2000);
}

function readNumber(text: string | null): number | null {
  const found = text === null ? null : /\d+/.exec(text);
  return found === null ? null : Number(found[0]);
}
