const HOUR = 3600;
const MINUTE = 60;

/** Hours east of UTC by abbreviation, as Ruby's date library knows them; single letters are the military zones. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ...(['ut', 'utc', 'gmt', 'wet', 'z'] as const).map((name): [string, number] => [name, 0]),
  ['west', 1],
  ['cet', 1],
  ['bst', 1],
  ['fwt', 1],
  ['met', 1],
  ['mez', 1],
  ['cest', 2],
  ['eet', 2],
  ['sast', 2],
  ['fst', 2],
  ['mesz', 2],
  ['eest', 3],
  ['bt', 3],
  ['msk', 3],
  ['msd', 4],
  ['zp4', 4],
  ['zp5', 5],
  ['ist', 5.5],
  ['zp6', 6],
  ['wast', 2],
  ['wat', 1],
  ['eat', 3],
  ['cct', 6.5],
  ['sgt', 8],
  ['wadt', 8],
  ['awst', 8],
  ['jst', 9],
  ['kst', 9],
  ['acst', 9.5],
  ['east', 10],
  ['gst', 10],
  ['aest', 10],
  ['aedt', 11],
  ['eadt', 11],
  ['idle', 12],
  ['nzst', 12],
  ['nzt', 12],
  ['nzdt', 13],
  ['utc+9', 9],
  ['azost', 0],
  ['azot', -1],
  ['at', -2],
  ['fnt', -2],
  ['brst', -2],
  ['adt', -3],
  ['art', -3],
  ['brt', -3],
  ['clst', -3],
  ['ndt', -2.5],
  ['nst', -3.5],
  ['ast', -4],
  ['clt', -4],
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
  ['ydt', -8],
  ['akdt', -8],
  ['yst', -9],
  ['akst', -9],
  ['hdt', -9],
  ['ahst', -10],
  ['cat', 2],
  ['hst', -10],
  ['eastern', -5],
  ['central', -6],
  ['mountain', -7],
  ['pacific', -8],
  ['alaskan', -9],
  ['hawaiian', -10],
  ['atlantic', -4],
  ['nt', -11],
  ['idlw', -12],
  ...letters('abcdefghi', 1, 1),
  ...letters('klm', 10, 1),
  ...letters('nopqrstuvwxy', -1, -1),
]);

function letters(names: string, first: number, step: number): [string, number][] {
  return names.split('').map((name, i) => [name, first + i * step]);
}

/** Seconds east of UTC of a zone as it stands after a time, such as `Z`, `EST`, `+0300`, `GMT-5`; null when unknown. */
export function zoneOffset(zone: string): number | null {
  const text = zone.trim().toLowerCase();
  const daylight = /\s+(?:daylight\s+time|dst)$/.test(text);
  const name = text.replace(/\s+(?:standard\s+time|daylight\s+time|dst)$/, '');
  const known = ZONES.get(name);
  if (known !== undefined) return known * HOUR + (daylight ? HOUR : 0);
  const numeric = /^(?:gmt|utc?)?([-+])(\d+)(?:([,.:])(\d+)(?::(\d+))?)?$/.exec(name);
  if (numeric === null) return null;
  const [, sign, digits = '', separator, second = '', third = ''] = numeric;
  const seconds = separator === undefined ? fromDigits(digits) : fromParts(digits, separator, second, third);
  return sign === '-' ? -seconds : seconds;
}

/** `3`, `03`: hours; `300`, `0330`: with minutes; `033015`: with seconds. */
function fromDigits(digits: string): number {
  const padded = digits.length % 2 === 0 ? digits : `0${digits}`;
  const part = (index: number) => Number(padded.slice(index * 2, index * 2 + 2));
  return part(0) * HOUR + part(1) * MINUTE + part(2);
}

function fromParts(hours: string, separator: string, second: string, third: string): number {
  if (separator !== ':') return Math.trunc(Number(`${hours}.${second}`) * HOUR);
  return Number(hours) * HOUR + Number(second) * MINUTE + Number(third);
}
