import { createConnection } from 'node:net';

/** Sends one command over a connection of its own and answers with the raw RESP2 reply; throws on an error reply. */
export function sendCommand(path: string, password: string | null, command: readonly string[]): Promise<string> {
  const commands = password === null ? [command] : [['AUTH', password], command];
  return new Promise((resolve, reject) => {
    const connection = createConnection({ path });
    let replies = '';
    connection.on('data', (chunk: Buffer) => (replies += chunk.toString('latin1')));
    connection.once('error', reject);
    connection.once('end', () => {
      const reply = withoutFirst(replies, commands.length - 1).replace(/\+OK\r\n$/, '');
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
