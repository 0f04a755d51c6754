#!/usr/bin/env node
// The program from its sources, without a build: Node strips the types (22.18 or newer).
import {dirname} from 'node:path';
import {main} from '../src/cli/main.ts';

await main(process.argv.slice(2), {root: dirname(import.meta.dirname), commands: './src/commands/index.ts'});
