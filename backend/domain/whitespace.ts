const LEADING = /^[\0\t\n\v\f\r ]+/;
const TRAILING = /[\0\t\n\v\f\r ]+$/;

/** Removes ASCII white space and NUL at both ends, as the contract does; other spaces (U+00A0, ...) are kept. */
export function stripWhitespace(text: string): string {
  if (!isBlank(text.charCodeAt(0)) && !isBlank(text.charCodeAt(text.length - 1))) return text;
  return text.replace(LEADING, '').replace(TRAILING, '');
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0 || (code >= 0x09 && code <= 0x0d);
}
