import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { ConfigurationError } from '../../shared/env.ts';
import type { ConfigPath, Problem } from './problem.ts';

/** Larger files are refused before they are parsed. */
const MAX_BYTES = 16 * 1_048_576;

/** A YAML or JSON text (JSON is read as the YAML that it also is), whose values know where they came from. */
export class ConfigDocument {
  readonly value: unknown;
  private readonly fileName: string;
  private readonly lines: LineCounter;
  private readonly document: Document.Parsed;

  /** Throws a ConfigurationError with `file:line:col` for each fault of syntax. */
  constructor(text: string, fileName: string) {
    if (Buffer.byteLength(text) > MAX_BYTES) {
      throw new ConfigurationError([`${fileName}: the file is too large; it may have ${MAX_BYTES} bytes`]);
    }
    this.fileName = fileName;
    this.lines = new LineCounter();
    this.document = parseDocument(text, {
      lineCounter: this.lines,
      prettyErrors: false,
      uniqueKeys: true,
      version: '1.2',
    });
    const faults = [...this.document.errors, ...this.document.warnings];
    if (faults.length > 0) {
      throw new ConfigurationError(faults.map((fault) => `${this.position(fault.pos[0])}: ${fault.message}`));
    }
    this.value = this.document.toJS({ maxAliasCount: 1000 });
  }

  /** `file:line:col: message` */
  describe(problem: Problem): string {
    return `${this.position(this.offsetOf(problem.path, problem.atName))}: ${problem.message}`;
  }

  /** Throws when there are problems. */
  refuse(problems: readonly Problem[]): void {
    if (problems.length === 0) return;
    const inOrder = problems.toSorted((a, b) => this.offsetOf(a.path, a.atName) - this.offsetOf(b.path, b.atName));
    throw new ConfigurationError(inOrder.map((problem) => this.describe(problem)));
  }

  /** Of the deepest part of the path that is written in the file. */
  private offsetOf(path: ConfigPath, atName: boolean): number {
    for (let length = path.length; length > 0; length--) {
      const part = path.slice(0, length);
      const name = this.nameNode(part);
      if (atName && length === path.length && name !== null) return start(name);
      const node = this.document.getIn(part, true);
      if (isNode(node)) return start(node);
      if (name !== null) return start(name);
    }
    return this.document.contents === null ? 0 : start(this.document.contents);
  }

  private nameNode(path: ConfigPath): Node | null {
    const parent = path.length === 1 ? this.document.contents : this.document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return null;
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === path.at(-1),
    );
    return pair !== undefined && isNode(pair.key) ? pair.key : null;
  }

  private position(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.fileName}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}
