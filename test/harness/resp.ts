import { createConnection } from 'node:net';

/** What a Sentinel says to QUIT. */
const UNKNOWN_QUIT = /-ERR unknown command 'QUIT'[^\r]*\r\n$/;

/** Sends one command over a connection of its own (to a socket's path, or to a port on 127.0.0.1) and answers with the raw RESP2 reply; throws on an error reply. */
export function sendCommand(
  address: string | number,
  password: string | null,
  command: readonly string[],
): Promise<string> {
  const commands = password === null ? [command] : [['AUTH', password], command];
  return new Promise((resolve, reject) => {
    const connection = createConnection(
      typeof address === 'string' ? { path: address } : { port: address, host: '127.0.0.1' },
    );
    let replies = '';
    connection.on('data', (chunk: Buffer) => {
      replies += chunk.toString('latin1');
      if (UNKNOWN_QUIT.test(replies)) connection.end();
    });
    connection.once('error', reject);
    connection.once('end', () => {
      const reply = withoutFirst(replies, commands.length - 1)
        .replace(/\+OK\r\n$/, '')
        .replace(UNKNOWN_QUIT, '');
      if (reply.startsWith('-')) reject(new Error(`${command.join(' ')}: ${reply.slice(1).trim()}`));
      else resolve(reply);
    });
    connection.write(commands.map(encode).join('') + encode(['QUIT']));
  });
}

function encode(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join('')}`;
}

/** The replies to AUTH are single lines. */
function withoutFirst(replies: string, count: number): string {
  let rest = replies;
  for (let i = 0; i < count; i++) rest = rest.slice(rest.indexOf('\r\n') + 2);
  return rest;
}
