// What `npm start`, `npm test` and the other npm scripts run on a clone, also on a fresh one: it installs and builds
// what is missing or out of date, then becomes the command. Plain JavaScript that needs only Node.js and npm.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, isBuilt } from './bootstrap/build.js';
import { install, isInstalled } from './bootstrap/install.js';
import { requireNode } from './node-version.js';

const USAGE = 'usage: node bin/start.js build | test [VITEST ARGUMENTS] | run FILE [ARGUMENTS] | COMMAND [ARGUMENTS]';

const root = fileURLToPath(new URL('..', import.meta.url));
const [command, ...args] = process.argv.slice(2);

requireNode();
if (command === undefined) {
  console.error(USAGE);
  process.exit(1);
}
if (!isInstalled(root)) await install(root);
if (command === 'build' || !isBuilt(root)) await build(root);

if (command === 'test') {
  await requireRedis();
  await become(join(root, 'node_modules/vitest/vitest.mjs'), ['run', ...args]);
} else if (command === 'run') {
  const [file = '', ...rest] = args;
  const built = join(root, 'dist', file);
  if (!file.endsWith('.js') || !existsSync(built)) {
    console.error(`there is no dist/${file}\n${USAGE}`);
    process.exit(1);
  }
  await become(built, rest);
} else if (command !== 'build') {
  await become(join(root, 'bin/tallygate.js'), [command, ...args]);
}

/** Runs a program in this process, so that signals reach it. */
async function become(file, argv) {
  process.argv = [process.execPath, file, ...argv];
  await import(pathToFileURL(file).href);
}

/** One line instead of a hundred failed tests. */
async function requireRedis() {
  const { findRedis } = await import(pathToFileURL(join(root, 'dist/bin/redis/find.js')).href);
  const { redisCacheFolder } = await import(pathToFileURL(join(root, 'dist/bin/redis/cache-folder.js')).href);
  try {
    await findRedis(redisCacheFolder());
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
