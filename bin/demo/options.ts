/** What `tallygate demo` was asked for. A port of 0 is chosen by the system. */
export interface DemoOptions {
  readonly gatewayPort: number;
  readonly adminPort: number;
  readonly backendPort: number;
  readonly upstreamPort: number;
  /** false: the embedded store; true: a Redis of its own; text: the Redis at that address. */
  readonly redis: boolean | string;
  readonly traffic: boolean;
}
