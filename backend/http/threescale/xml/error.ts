import { escapeAttribute, escapeText } from './escape.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** Error document of the contract (section 5). */
export function errorDocument(code: string, message: string): string {
  return `${XML_DECLARATION}<error code="${escapeAttribute(code)}">${escapeText(message)}</error>`;
}
