import { StoreUnavailable } from '../store.ts';

/** An error reply that the caller knows what to do with; its code is the reply's first word. */
export class RedisReply extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'RedisReply';
    this.code = code;
  }
}

/** Replies that mean: nothing was executed, here is what to do instead; or an answer of one of our scripts. */
const FOR_THE_CALLER = new Set(['NOSCRIPT', 'MOVED', 'ASK', 'TRYAGAIN', 'OVERFLOW']);

/** What an operator reads, by the first word of the reply. */
const OUTAGES: Readonly<Record<string, readonly [code: string, what: string]>> = {
  OOM: ['out_of_memory', 'Redis is out of memory: raise maxmemory'],
  READONLY: ['read_only', 'the server is a replica and takes no writes'],
  LOADING: ['loading', 'Redis is still reading its data from disk'],
  BUSY: ['busy', 'Redis is busy with a script: SCRIPT KILL ends it'],
  NOAUTH: ['authentication', 'Redis wants a password: put it into REDIS_URL'],
  WRONGPASS: ['authentication', 'Redis refuses the name or the password in REDIS_URL'],
  NOPERM: ['permission', 'the Redis user may not run a command that is needed'],
  MISCONF: ['disk', 'Redis cannot write to its disk and refuses writes'],
  NOREPLICAS: ['not_replicated', 'Redis has too few replicas to take writes'],
  MASTERDOWN: ['read_only', 'the server is a replica without its master'],
  CLUSTERDOWN: ['cluster', 'the cluster does not serve all slots'],
  CROSSSLOT: ['cluster', 'keys of one script lie in several slots'],
  STORELOST: ['store_lost', 'Redis has come back empty or is another one'],
  FOREIGN: ['corrupt', 'a counter holds something that is no integer'],
  WRONGTYPE: ['corrupt', 'a key of the store holds a value of another type'],
};

/** What a rejected command means: a RedisReply, or an outage. */
export function explain(error: unknown): RedisReply | StoreUnavailable {
  if (error instanceof StoreUnavailable || error instanceof RedisReply) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'ReplyError') {
    const [code = ''] = message.split(' ', 1);
    if (FOR_THE_CALLER.has(code)) return new RedisReply(code, message);
    const known = OUTAGES[code];
    if (known !== undefined) return new StoreUnavailable(known[0], known[1], { cause: error });
    return new StoreUnavailable('error', `Redis answered with an error: ${message}`, { cause: error });
  }
  return new StoreUnavailable('disconnected', `the connection to Redis is down: ${message}`, { cause: error });
}
