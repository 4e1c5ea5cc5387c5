/** What became of a part of the imported configuration. */
export type Fate = 'converted' | 'changed' | 'unsupported';

export interface ReportLine {
  readonly fate: Fate;
  /** `service 42`, or `all`. */
  readonly where: string;
  readonly text: string;
}

/** Collects what an import did with each part, service by service. */
export class Report {
  readonly lines: ReportLine[] = [];
  private where = 'all';

  about(where: string): void {
    this.where = where;
  }

  /** Means the same here. */
  converted(text: string): void {
    this.add('converted', text);
  }

  /** Works, but not exactly as before. */
  changed(text: string): void {
    this.add('changed', text);
  }

  /** Was left out. */
  unsupported(text: string): void {
    this.add('unsupported', text);
  }

  private add(fate: Fate, text: string): void {
    this.lines.push({ fate, where: this.where, text });
  }
}
