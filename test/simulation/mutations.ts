import type { Store } from '../../backend/store/store.ts';
import type { Journal } from '../../gateway/journal/contract.ts';
import type { BackendTransport } from '../../gateway/leases/transport.ts';
import type { Mutation } from './options.ts';
import type { ProcessClock } from './process-clock.ts';

/**
 * Takes a rule away, from outside: the product's code is not changed, but what it hears or says is. Each must make some
 * round fail, or the rule would not be needed, or the simulation would not see it.
 */
export function mutateTransport(transport: BackendTransport, without: Mutation | null): BackendTransport {
  switch (without) {
    case 'redeclaring':
      return anyIdentity(transport);
    case 'named-versions':
      return newestVersions(transport);
    case 'early-end':
      return lateEnds(transport);
    case 'final-closes':
      return withoutCloses(transport);
    default:
      return transport;
  }
}

/** The store's identity never seems to change (R8). */
function anyIdentity(transport: BackendTransport): BackendTransport {
  const same = <A extends { readonly store: string }>(answer: A | null): A | null => {
    return answer === null ? null : mutateAnswer(answer, 'redeclaring');
  };
  return {
    authorize: (request, done) => transport.authorize(request, (answer) => done(same(answer))),
    leases: (request, done) => transport.leases(request, (answer) => done(same(answer))),
    heartbeat: (request, done) => transport.heartbeat(request, (answer) => done(same(answer))),
  };
}

/** The same of answers to batches. */
export function mutateAnswer<A extends { readonly store: string }>(answer: A, without: Mutation | null): A {
  return without === 'redeclaring' ? { ...answer, store: 'always the same' } : answer;
}

/** Every answer claims to be of the newest configuration (R6). */
function newestVersions(transport: BackendTransport): BackendTransport {
  return {
    ...transport,
    authorize: (request, done) =>
      transport.authorize(request, (answer) => {
        done(answer && { ...answer, replies: answer.replies.map((reply) => ({ ...reply, version: 1e9 })) });
      }),
    leases: (request, done) =>
      transport.leases(request, (answer) => {
        done(answer && { ...answer, replies: answer.replies.map((reply) => ({ ...reply, version: 1e9 })) });
      }),
  };
}

/** Windows seem to end half a second later (R4). */
function lateEnds(transport: BackendTransport): BackendTransport {
  return {
    ...transport,
    leases: (request, done) =>
      transport.leases(request, (answer) => {
        done(answer && { ...answer, replies: answer.replies.map((reply) => ({ ...reply, end: reply.end + 500 })) });
      }),
  };
}

/** The last message of a lease is never said. */
function withoutCloses(transport: BackendTransport): BackendTransport {
  return {
    ...transport,
    leases: (request, done) => {
      const messages = request.messages.filter(({ final }) => !final);
      if (messages.length > 0) transport.leases({ ...request, messages }, done);
    },
  };
}

/** Usage is dated by the gateway's own clock (R4). */
export function mutateJournal(journal: Journal, without: Mutation | null, clock: ProcessClock): Journal {
  if (without !== 'dating-by-window') return journal;
  const use = journal.use.bind(journal);
  journal.use = (owner, metric, _at, ...amounts) => use(owner, metric, clock.now(), ...amounts);
  return journal;
}

/** Takes a rule away on the store's side. */
export function mutateStore(store: Store, without: Mutation | null): void {
  let count = 0;
  if (without === 'known-revisions') {
    const run = store.leases.run.bind(store.leases);
    store.leases.run = async (commands) => {
      const replies = await run(
        commands.map((command) => (command.final ? command : { ...command, rev: (count += 1) })),
      );
      return replies.map((reply, index) => ({ ...reply, rev: commands[index]?.rev ?? reply.rev }));
    };
  }
  if (without === 'marks') {
    const apply = store.counters.apply.bind(store.counters);
    store.counters.apply = (parts) =>
      apply(parts.map((part) => ({ ...part, epoch: (count += 1).toString(16).padStart(32, '0') })));
  }
}
