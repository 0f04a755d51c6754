#!/usr/bin/env node
// The program from its sources, without a build: Node strips the types (22.18 or newer).
import {main} from '../src/cli/main.ts';

await main(process.argv.slice(2), {commands: './src/commands/index.ts'});
