import { until } from './latch.ts';
import { startRedis } from './redis.ts';
import type { PrivateRedis, RedisOptions } from './redis.ts';

const SLOTS = 16_384;
/** Keys that are moved with one command. */
const KEYS_AT_ONCE = 50;
/** Longest wait for the nodes to agree, ms. */
const AGREEMENT = 30_000;

/** Masters of one Redis Cluster, with the slots spread evenly over them. */
export class PrivateCluster {
  readonly nodes: readonly PrivateRedis[];

  constructor(nodes: readonly PrivateRedis[]) {
    this.nodes = nodes;
  }

  /** What REDIS_URL takes. */
  get url(): string {
    return `redis+cluster://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  /** Resolves when every node sees all others, and all slots served. */
  async whole(): Promise<void> {
    const pattern = new RegExp(
      `cluster_state:ok[^]*cluster_slots_ok:${SLOTS}[^]*cluster_known_nodes:${this.nodes.length}`,
    );
    for (const node of this.nodes) {
      const isWhole = async (): Promise<boolean> => pattern.test(await node.cli('CLUSTER', 'INFO').catch(() => ''));
      await until(isWhole, 'every node of the cluster sees all others', AGREEMENT);
    }
  }

  /** The node that serves the slot of a hash tag, and the slot. */
  async ownerOf(tag: string): Promise<{ readonly slot: number; readonly owner: PrivateRedis }> {
    const [any] = this.nodes;
    if (any === undefined) throw new Error('a cluster without nodes');
    const slot = Number(/\d+/.exec(await any.cli('CLUSTER', 'KEYSLOT', tag))?.[0]);
    for (const node of this.nodes) {
      const line = / myself,master .*/.exec(await node.cli('CLUSTER', 'NODES'))?.[0] ?? '';
      const ranges = Array.from(line.matchAll(/ (\d+)(?:-(\d+))?(?=[ \r\n]|$)/g)).slice(-SLOTS);
      const serves = ranges.some(([, first = '', last = first]) => Number(first) <= slot && slot <= Number(last));
      if (serves) return { slot, owner: node };
    }
    throw new Error(`no node serves slot ${slot}`);
  }

  /** Moves a slot with all its keys, as `redis-cli --cluster reshard` does, while the cluster is in use. */
  async moveSlot(slot: number, from: PrivateRedis, to: PrivateRedis): Promise<void> {
    const [source, target] = [await nodeId(from), await nodeId(to)];
    await to.cli('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', source);
    await from.cli('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', target);
    for (;;) {
      const keys = bulkStrings(await from.cli('CLUSTER', 'GETKEYSINSLOT', String(slot), String(KEYS_AT_ONCE)));
      if (keys.length === 0) break;
      await from.cli('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys);
    }
    for (const node of [to, from, ...this.nodes.filter((node) => node !== to && node !== from)]) {
      await node.cli('CLUSTER', 'SETSLOT', String(slot), 'NODE', target);
    }
  }
}

/** Starts `count` masters and waits until they are one cluster. */
export async function startCluster(count: number, options: RedisOptions = {}): Promise<PrivateCluster> {
  const nodes: PrivateRedis[] = [];
  for (let index = 0; index < count; index++) nodes.push(await startRedis({ ...options, cluster: true }));
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster needs a node');
  for (const [index, node] of nodes.entries()) {
    await node.cli('CLUSTER', 'FLUSHSLOTS');
    // Two nodes of one epoch would quarrel about slots that either has had.
    await node.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    const [from, to] = [Math.ceil((index * SLOTS) / count), Math.ceil(((index + 1) * SLOTS) / count) - 1];
    await node.cli('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  for (const node of nodes.slice(1)) {
    await node.cli('CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(first.busPort));
  }
  const cluster = new PrivateCluster(nodes);
  await cluster.whole();
  return cluster;
}

async function nodeId(node: PrivateRedis): Promise<string> {
  const [id = ''] = bulkStrings(await node.cli('CLUSTER', 'MYID'));
  return id;
}

/** The texts of a raw RESP2 reply. */
export function bulkStrings(reply: string): string[] {
  return Array.from(reply.matchAll(/(?:^|\n)\$\d+\r\n([^\r]*)/g), ([, text = '']) => text);
}
