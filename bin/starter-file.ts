export interface StarterValues {
  readonly service: string;
  readonly token: string;
  readonly upstream: string;
  readonly backend: string;
}

/** A gateway's configuration with the settings that most people change; the others are defaults. JSON strings are YAML. */
export function starterFile(values: StarterValues): string {
  return `# Configuration of a Tallygate gateway. Every setting: docs/configuration.md
# Check it with \`tallygate check\`; a running gateway takes over changes by itself.

backend:
  url: ${JSON.stringify(values.backend)}

# When the backend cannot be asked. strict: 503; resilient: serve known callers from the last decision; allow: serve all.
backendDown: strict

reporting:
  # Threads that deliver usage to the backend; 0: the gateway does it itself between requests.
  threads: 1

services:
  - id: ${JSON.stringify(values.service)}
    token: ${JSON.stringify(values.token)}
    upstream: ${JSON.stringify(values.upstream)}
    # Where callers show who they are. Without hosts the service answers for every host.
    credentials: { in: [query, header], userKey: user_key, appId: app_id, appKey: app_key }
    # What a request counts as: every rule that matches adds its delta; a request that matches none is answered 404.
    rules:
      - { method: ANY, pattern: /, metric: hits, delta: 1 }
`;
}
