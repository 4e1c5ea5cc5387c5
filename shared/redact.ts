const CENSOR = '[redacted]';

/** Names of parameters, fields and headers whose values are secrets, in the spelling with `_`, lower case. */
const SECRET_NAME =
  /(?:user|app|provider|application|secret|api)_?key|new_key|token|secret|password|authorization|cookie|credential/;

/** Path segments of the internal API after which a secret stands. */
const SEGMENT_BEFORE_SECRET = new Set(['key', 'keys', 'service_tokens', 'change_provider_key']);

const NAMES =
  '(?:user|app|provider)[_-]?key|new_key|(?:service|access|admin|refresh|id)[_-]?token|token|client_secret|secret|password';
/** `name=value` and `name]=value` as in a URL or a form, plain or with the name's end percent-encoded. */
const PAIR = new RegExp(`(${NAMES})((?:\\]|%5D)*(?:=|%3D))[^&\\s"'\\\\<>]*`, 'gi');
/** `"name":"value"` in JSON. */
const MEMBER = new RegExp(
  `("(?:${NAMES}|authorization|proxy-authorization|cookie|set-cookie)"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`,
  'gi',
);
const SCHEME = /\b(Bearer|Basic)(\s+)[^\s"'\\,]+/gi;
const USERINFO = /(:\/\/)[^/@\s"'\\]*@/g;

/** Free text with the values of known secret names taken out: a last net for messages made by others. */
export function redactText(text: string): string {
  return text
    .replace(PAIR, `$1$2${CENSOR}`)
    .replace(MEMBER, `$1"${CENSOR}"`)
    .replace(SCHEME, `$1$2${CENSOR}`)
    .replace(USERINFO, `$1${CENSOR}@`);
}

/** A request target or URL that may be logged: secrets in the query, the userinfo and the internal API's paths are taken out. */
export function redactUrl(url: string): string {
  const hash = url.indexOf('#');
  const whole = hash === -1 ? url : url.slice(0, hash);
  const mark = whole.indexOf('?');
  const path = redactPath(mark === -1 ? whole : whole.slice(0, mark));
  if (mark === -1) return path;
  const pairs = whole
    .slice(mark + 1)
    .split('&')
    .map(redactPair);
  return `${path}?${pairs.join('&')}`;
}

function redactPath(path: string): string {
  let secretNext = false;
  const segments = path.replace(USERINFO, `$1${CENSOR}@`).split('/');
  return segments
    .map((segment) => {
      const censored = secretNext && segment !== '' ? CENSOR : segment;
      secretNext = SEGMENT_BEFORE_SECRET.has(decode(segment).toLowerCase());
      return censored;
    })
    .join('/');
}

function redactPair(pair: string): string {
  const equals = pair.indexOf('=');
  const rawName = equals === -1 ? pair : pair.slice(0, equals);
  const name = decode(rawName).toLowerCase().replaceAll('-', '_');
  const found = SECRET_NAME.exec(name);
  if (found === null) return redactText(pair);
  // A name such as service_tokens[TOKEN] may itself hold the secret: only the part that was recognised is kept.
  return `${found[0]}=${CENSOR}`;
}

/** Percent-decoded; what cannot be decoded is treated as secret. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return 'secret';
  }
}
