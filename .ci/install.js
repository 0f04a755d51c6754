// Installs what package-lock.json names, unless that is in place already: so that every script works in a fresh clone.
// Not by `npm ci`: the lock file names the native parts of the platform it was made on, and `npm ci` insists on those of all.
import {spawnSync} from 'node:child_process';
import {existsSync, statSync} from 'node:fs';

const installed = 'node_modules/.package-lock.json';

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs) {
  const {status} = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(status ?? 1);
}
