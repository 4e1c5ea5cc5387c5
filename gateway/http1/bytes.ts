/** Classes of bytes, by RFC 9110 section 5 and RFC 9112 section 3. Index: the byte. */

/** Token characters (RFC 9110 section 5.6.2): 1; `_`, which some upstreams read as `-`: 2; others 0. */
export const TOKEN: Uint8Array = classes([
  [1, "!#$%&'*+-.^`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"],
  [2, '_'],
]);

/** What a field value may contain (RFC 9110 section 5.5): tab, space, visible characters, 0x80 to 0xff. */
export const VALUE: Uint8Array = new Uint8Array(256).map((_, byte) =>
  byte === 9 || (byte >= 32 && byte !== 127) ? 1 : 0,
);

/** Request targets: 1 plain, 2 `/`, 3 `?`, 4 `%`; 0 never allowed: no visible ASCII, `#`, `\`. */
export const TARGET: Uint8Array = new Uint8Array(256).map((_, byte) => {
  if (byte <= 32 || byte >= 127 || byte === 35 || byte === 92) return 0;
  if (byte === 47) return 2;
  if (byte === 63) return 3;
  return byte === 37 ? 4 : 1;
});

/** Value of a hexadecimal digit; 255 for any other byte. */
export const HEX: Uint8Array = new Uint8Array(256).map((_, byte) => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : 255;
});

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const DOT = 46;
export const SLASH = 47;
export const COLON = 58;
export const SEMICOLON = 59;

function classes(groups: readonly (readonly [number, string])[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const [value, characters] of groups) {
    for (const character of characters) table[character.charCodeAt(0)] = value;
  }
  return table;
}
