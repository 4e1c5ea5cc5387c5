/** Where in a configuration: names of members and numbers of elements, from the root. */
export type ConfigPath = readonly (string | number)[];

/** Something that is wrong with a configuration. */
export interface Problem {
  readonly path: ConfigPath;
  /** Is it the member's name that is wrong, not its value? */
  readonly atName: boolean;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

export function problemAt(path: ConfigPath, message: string, atName = false): Problem {
  return { path, atName, message };
}
