import { createServer } from 'node:net';
import { systemClock } from '../../shared/clock.ts';

/**
 * An upstream that costs little, for machines without nginx: answers each head that ends with a small JSON document.
 * It is asked without bodies, by candidates that send whole heads. Argument: port.
 */
const BODY = '{"items":[{"id":1,"name":"first"},{"id":2,"name":"second"}],"next":null,"total":2}';
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nServer: load\r\nDate: ${new Date(systemClock.now()).toUTCString()}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);
const HEAD_END = '\r\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const heads = (rest + bytes.toString('latin1')).split(HEAD_END);
    rest = heads.pop() ?? '';
    for (let index = 0; index < heads.length; index++) socket.write(ANSWER);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
