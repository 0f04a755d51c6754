#!/usr/bin/env node
// The built program: what `kubectl audit` runs.
import {main} from '../dist/main.js';

await main(process.argv.slice(2), {commands: './dist/main.js'});
