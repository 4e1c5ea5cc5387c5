/** What a check found. A remedy says what to do, and is given unless all is well. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly subject: string;
  readonly text: string;
  readonly remedy: string;
}

export function ok(subject: string, text: string): Finding {
  return { level: 'ok', subject, text, remedy: '' };
}

export function warning(subject: string, text: string, remedy: string): Finding {
  return { level: 'warning', subject, text, remedy };
}

export function problem(subject: string, text: string, remedy: string): Finding {
  return { level: 'problem', subject, text, remedy };
}

/** The system's word for a fault: its code where it has one. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
