#!/usr/bin/env node
// Plain JavaScript, so that it runs from a clone (after `npm run build`) and from an installed package alike.
import { existsSync } from 'node:fs';
import { requireNode } from './node-version.js';

requireNode();

const cli = new URL('../dist/bin/cli.js', import.meta.url);
if (!existsSync(cli)) {
  console.error('tallygate is not built yet: run `npm install && npm run build` in its folder first.');
  process.exit(1);
}
const { main } = await import(cli.href);
await main(process.argv.slice(2));
