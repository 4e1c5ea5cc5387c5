/** An allowed call may carry header lines for the client (RateLimit, with CRLF); a refused one says why. */
export type Decision =
  | { readonly allowed: true; readonly headers: string }
  | {
      readonly allowed: false;
      /** `credentials`: unknown or not active (403). `disabled`: a limit of 0 (403). `limits`: exceeded (429). `outage`: nothing could be decided (503). */
      readonly reason: 'credentials' | 'disabled' | 'limits' | 'outage';
      /** Seconds for Retry-After; null: none. */
      readonly retryAfter: number | null;
      readonly headers: string;
    };

export type Refusal = Extract<Decision, { allowed: false }>;
