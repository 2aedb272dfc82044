// node build.mjs            builds the styles and scripts into the package
// node build.mjs --check    builds in memory; fails if a committed file differs or a budget is broken
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundle } from 'lightningcss';

const check = process.argv.includes('--check');
const target = '../src/shodaku/kit/ui/static/ui';
const budget = { 'app.css': 20, 'app.js': 25, 'editor.js': 150, 'expert.js': 210, 'form.js': 1, 'seal.svg': 1 };            // KB after gzip -9
const engines = { chrome: 123 << 16, firefox: 120 << 16, safari: (17 << 16) | (5 << 8) };

const packages = new Set();
const built = new Map([
  ['app.css', styles('src/css/app.css')],
  ['app.js', await script('src/js/vendor.js')],
  ['editor.js', await script('src/js/editor.js')],                        // on the page that writes blocks
  ['expert.js', await script('src/js/expert.js')],                        // on the page that writes code
  ['form.js', await script('src/embed/form.js')],                         // on other people's pages
  ['seal.svg', readFileSync('../src/shodaku/kit/ui/icons/seal.svg')],
]);
const broken = [...overBudget(built)];
const files = named(built);
files.set('third-party.txt', Buffer.from(notices(packages)));
if (check) broken.push(...differences(files)); else write(files);
broken.forEach(line => console.error(line));
process.exit(broken.length ? 1 : 0);

function styles(entry) {
  const css = bundle({ filename: entry, minify: true, targets: engines });
  for (const w of css.warnings) throw new Error(`${w.message} ${w.loc?.filename}:${w.loc?.line}`);
  return Buffer.from(css.code);
}

async function script(entry) {
  const result = await build({
    entryPoints: [entry], bundle: true, minify: true, format: 'iife', target: ['chrome123', 'firefox120', 'safari17.5'],
    legalComments: 'none', metafile: true, write: false, logLevel: 'warning',
  });
  for (const input of Object.keys(result.metafile.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) packages.add(found[1]);
  }
  return Buffer.from(result.outputFiles[0].contents);
}

function* overBudget(all) {
  for (const [name, body] of all) {
    const kilobytes = gzipSync(body, { level: 9 }).length / 1024;
    console.log(name.padEnd(9), String(body.length).padStart(6), 'bytes', kilobytes.toFixed(1).padStart(5), 'KB gz, budget', budget[name]);
    if (kilobytes > budget[name]) yield `${name}: over budget`;
  }
}

// the content's hash in the name: a browser may keep the file for ever
function named(all) {
  const result = new Map(), manifest = {};
  for (const [name, body] of all) {
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
    manifest[name] = name.replace(/\.(\w+)$/, `.${hash}.$1`);
    result.set(manifest[name], body);
  }
  result.set('manifest.json', Buffer.from(JSON.stringify(manifest, null, 1) + '\n'));
  return result;
}

// notices of what is really inside the bundles
function notices(names) {
  return [...names].sort().map(name => {
    const folder = `node_modules/${name}`, meta = JSON.parse(readFileSync(`${folder}/package.json`));
    const licence = readdirSync(folder).find(file => /^licen[cs]e/i.test(file));
    if (!licence) throw new Error(`${name} carries no licence file`);
    return `${meta.name} ${meta.version} (${meta.license})\n\n${readFileSync(`${folder}/${licence}`, 'utf8').trim()}\n`;
  }).join('\n' + '-'.repeat(78) + '\n\n');
}

function* differences(all) {
  for (const [name, body] of all) {
    if (!existsSync(`${target}/${name}`) || !readFileSync(`${target}/${name}`).equals(body)) yield `${name}: not what the sources give`;
  }
  for (const name of readdirSync(target)) if (!all.has(name)) yield `${name}: nothing builds this file`;
}

function write(all) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [name, body] of all) writeFileSync(`${target}/${name}`, body);
}
