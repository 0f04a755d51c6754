#!/usr/bin/env node
// The built program: what `kubectl audit` runs.
import {dirname} from 'node:path';
import {main} from '../dist/main.js';

await main(process.argv.slice(2), {root: dirname(import.meta.dirname), commands: './dist/main.js'});
