/** A started part of tallygate: the ports it listens on, and how to stop it in good order. */
export interface Running {
  readonly ports: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}
