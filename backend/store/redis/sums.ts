/** What is counted under one name. */
export interface Sum {
  readonly name: string;
  use: bigint;
  take: bigint;
  /** Position of the top sets of the metric; 0: none. */
  readonly top: number;
}

/** More names than this are found by an index. */
const FEW = 8;

/** Amounts by name; falls are summed apart from rises. Most have one name, so there is no index at first. */
export class Sums {
  readonly list: Sum[] = [];
  #index: Map<string, Sum> | null = null;

  add(name: string, use: bigint, take: bigint, top: number): void {
    const falls = use < 0n || take < 0n;
    const sum = this.#find(name, falls);
    if (sum === undefined) {
      const added = { name, use, take, top };
      this.list.push(added);
      this.#index?.set(idOf(name, falls), added);
      return;
    }
    sum.use += use;
    sum.take += take;
  }

  #find(name: string, falls: boolean): Sum | undefined {
    if (this.list.length <= FEW) return this.list.find((sum) => sum.name === name && isFall(sum) === falls);
    this.#index ??= new Map(this.list.map((sum) => [idOf(sum.name, isFall(sum)), sum]));
    return this.#index.get(idOf(name, falls));
  }
}

function isFall({ use, take }: Sum): boolean {
  return use < 0n || take < 0n;
}

function idOf(name: string, falls: boolean): string {
  return (falls ? '-' : '+') + name;
}
