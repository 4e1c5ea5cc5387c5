import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commands } from '../../bin/commands/index.ts';

const INTRODUCTION = `# Commands

From a clone: \`npm run build\` once, then \`node bin/tallygate.js COMMAND\`. Installed: \`npx tallygate COMMAND\`.
Exit code 0: done; 1: a flag, a variable or a file is wrong, or the answer is no. What is wrong is said in one line each.
`;

/** The text of `tallygate NAME --help`. */
function help(command: Command): string {
  let text = '';
  new Command('tallygate').addCommand(command);
  command.configureHelp({ helpWidth: 100 }).configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.trim();
}

test('docs/commands.md shows the help of every command (its own run with -u writes it)', async () => {
  const sections = commands
    .map((make) => make())
    .map((command) => `## ${command.name()}\n\n\`\`\`text\n${help(command)}\n\`\`\`\n`);
  await expect([INTRODUCTION, ...sections].join('\n')).toMatchFileSnapshot('../../docs/commands.md');
});
