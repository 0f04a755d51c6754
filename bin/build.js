// Bundles src/ into dist/main.js: start-up is dominated by the number of files and by what client-node loads unasked.
import {build} from 'esbuild';

/** The kubeconfig module needs none of the generated API classes; loading them costs half a second. */
const withoutGeneratedClasses = {
  name: 'without-generated-classes',
  setup(builder) {
    builder.onLoad({filter: /client-node\/dist\/gen\/index\.js$/}, () => ({
      contents: 'export const createConfiguration = undefined; export const ServerConfiguration = undefined;',
      loader: 'js',
    }));
  },
};

await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/main.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  legalComments: 'linked',
  plugins: [withoutGeneratedClasses],
  // Bundled CommonJS packages ask for `require` and `__dirname`, which a module does not have.
  banner: {
    js: "import {createRequire as __createRequire} from 'node:module'; import {dirname as __pathDirname} from 'node:path'; import {fileURLToPath as __toPath} from 'node:url'; const require = __createRequire(import.meta.url); const __filename = __toPath(import.meta.url); const __dirname = __pathDirname(__filename);",
  },
});
