/** What a thread needs to know at its start. */
export interface ThreadSettings {
  readonly backendUrl: string;
  /** BACKEND_TIMEOUT_MS. */
  readonly timeoutMs: number;
}

/** What crossed to the thread as `workerData`. */
export function readThreadSettings(data: unknown): ThreadSettings {
  if (typeof data === 'object' && data !== null && 'backendUrl' in data && 'timeoutMs' in data) {
    const { backendUrl, timeoutMs } = data;
    if (typeof backendUrl === 'string' && typeof timeoutMs === 'number') return { backendUrl, timeoutMs };
  }
  throw new TypeError('a reporting thread was started without its settings');
}
