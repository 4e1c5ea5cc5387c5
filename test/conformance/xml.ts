import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element of a parsed document. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const ATTRIBUTES = ':@';
const TEXT = '#text';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  htmlEntities: true,
});

type Node = Readonly<Record<string, unknown>>;

/** The root element. Throws when the document is not well-formed. */
export function parseXml(source: string): Element {
  const valid = XMLValidator.validate(source);
  if (valid !== true) throw new Error(`not well-formed: ${valid.err.msg}`);
  const [root] = (parser.parse(source) as Node[]).map(toElement);
  if (root === undefined) throw new Error('there is no root element');
  return root;
}

function toElement(node: Node): Element {
  const name = Object.keys(node).find((key) => key !== ATTRIBUTES) ?? '';
  const content = (Array.isArray(node[name]) ? node[name] : []) as Node[];
  const text = content.map((child) => (TEXT in child ? String(child[TEXT]) : '')).join('');
  const children = content.filter((child) => !(TEXT in child)).map(toElement);
  return { name, attributes: (node[ATTRIBUTES] ?? {}) as Record<string, string>, children, text };
}

/** The child of this name. */
export function child(element: Element, name: string): Element | undefined {
  return element.children.find((candidate) => candidate.name === name);
}
