/** What went wrong with a provider's integration, kept for the provider to see (3scale contract, reference section 8). */
export interface IntegrationErrors {
  /** Keeps an error of a service. Bounded: the oldest is dropped. */
  record(service: string, error: { readonly code: string; readonly message: string }): Promise<void>;
}
