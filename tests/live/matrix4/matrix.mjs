// matrix.mjs STAGING PRODUCTION [CASE…]   merges into a server of 4.26.2 with Haul, judged by the state of production afterwards.
// HAUL is the command, "target/debug/haul" unless given.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from './server.mjs';
import { differences, expected } from './model.mjs';

const [, , stagingProject, productionProject, ...wanted] = process.argv;
const [ARTICLE, TAG, AUTHOR, CATEGORY, NOTE, HOME, SETTING] = ['article', 'tag', 'author', 'category', 'note', 'home', 'setting'].map((name) => `api::${name}.${name}`);
const [FILE, USER] = ['plugin::upload.file', 'plugin::users-permissions.user'];
const cases = [];
const add = (name, pick, policy, more = {}) => cases.push({ name: `${name}-${policy}`, pick: [pick].flat(), policy, ...more });
const each = (name, pick, more) => ['overwrite', 'skip', 'duplicate'].forEach((policy) => add(name, pick, policy, more));

// Localized, draft and published, with components that hold relations, components and media; self and many-to-many relations.
each('article', `${ARTICLE}/Root en`);
each('article-created', `${ARTICLE}/Fresh en`, { copies: 0 });
each('article-published-in-staging', `${ARTICLE}/Second en`);
each('article-draft-in-production', `${ARTICLE}/Third en`);
// Plain, one to one, many to one, and what components of others lead to.
each('author', `${AUTHOR}/Ada -`);
add('author-created', `${AUTHOR}/Dee -`, 'overwrite');
each('tag', `${TAG}/red -`);
add('tag-created', `${TAG}/yellow -`, 'overwrite');
each('category', `${CATEGORY}/News en`);
// Relations to rows of any type.
each('note', `${NOTE}/*`, { rewrite: true });
// Single types are found whatever their numbers.
add('single', `${SETTING}/single -`, 'overwrite');
add('single', `${SETTING}/single -`, 'skip');
add('single-localized', `${HOME}/single en`, 'overwrite');
add('file-created', `${FILE}/five.txt -`, 'overwrite');
add('file-identical', `${FILE}/one.png -`, 'overwrite');
add('file-rewritten', `${FILE}/one.png -`, 'overwrite', { rewrite: true });
add('user-created', `${USER}/olga -`, 'overwrite');
add('user', `${USER}/anna -`, 'overwrite', { rewrite: true });
add('dependencies', `${ARTICLE}/Fresh en`, 'overwrite', { dependencies: 'create', brings: [`${AUTHOR}/Dee -`, `${TAG}/yellow -`, `${FILE}/five.txt -`] });
add('several', [`${ARTICLE}/Root en`, `${ARTICLE}/First en`, `${TAG}/red -`, `${AUTHOR}/Ada -`, `${CATEGORY}/News en`], 'overwrite', { rewrite: true });
add('all-articles', `${ARTICLE}/*`, 'overwrite', { rewrite: true });
add('all-of-four-types', [ARTICLE, TAG, AUTHOR, CATEGORY].map((type) => `${type}/*`), 'overwrite', { rewrite: true });

const chosen = cases.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
const haul = (process.env.HAUL ?? 'target/debug/haul').split(' ');

// All rows of the entries that a case picks, by what they are called.
function picked({ rows }, pick) {
  const of = pick.flatMap((name) => (name.endsWith('/*') ? Object.keys(rows).filter((row) => row.startsWith(name.slice(0, -1))) : [name]));
  for (const name of of) if (!rows[name]) throw new Error(`staging has no ${name}`);
  return new Set(of.flatMap((name) => [name, ...(rows[name].localizations?.refs ?? [])]));
}

function run(args, from, to) {
  return new Promise((done) => {
    const env = { ...process.env, HAUL_FROM_TOKEN: from.token, HAUL_TO_TOKEN: to.token };
    const child = spawn(haul[0], [...haul.slice(1), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('close', (code) => {
      let report = null;
      try {
        report = JSON.parse(stdout);
      } catch {}
      done({ code, report, stderr });
    });
  });
}

function command(one, staging, from, to) {
  const ids = one.pick.filter((name) => !name.endsWith('/*')).map((name) => (name.startsWith(FILE) ? `asset:${staging.ids[name].slice(FILE.length + 1)}` : staging.ids[name]));
  const types = one.pick.filter((name) => name.endsWith('/*')).map((name) => name.slice(0, -2));
  return [
    'transfer', `strapi:${from.url}/admin`, `strapi:${to.url}/admin`, `--${one.policy}`, '--dependencies', one.dependencies ?? 'none',
    ...(ids.length ? ['--ids', ...ids] : []), ...(types.length ? ['--types', ...types] : []),
    ...(one.rewrite ? ['--rewrite-identical'] : []), '--no-prompt', '--json',
  ];
}

async function judge(one, staging, before, from, to) {
  const rows = new Set([...picked(staging, one.pick), ...picked(staging, one.brings ?? [])]);
  const isThere = (name) => [name, ...(staging.rows[name].localizations?.refs ?? [])].some((row) => before.rows[row]);
  const unchanged = (name) => [name, ...(staging.rows[name].localizations?.refs ?? [])].every((row) => alike(staging.rows[row], before.rows[row]));
  const brought = picked(staging, one.brings ?? []);
  const created = [...rows].filter((name) => !isThere(name));
  const there = [...rows].filter((name) => isThere(name) && !brought.has(name));
  const overwritten = one.policy === 'overwrite' ? there.filter((name) => one.rewrite || !unchanged(name)) : [];
  const copies = new Set(one.policy === 'duplicate' ? there : []);
  const written = new Set([...created, ...overwritten]);
  const documents = new Set(overwritten.flatMap((name) => [name, ...(before.rows[name]?.localizations?.refs ?? [])]));
  const gone = new Set([...documents].filter((name) => before.rows[name]));
  const began = Date.now();
  const { code, report, stderr } = await run(command(one, staging, from, to), from, to);
  const wrong = [];
  const plan = expected(staging, before, from.schemas, { written, gone });
  // What lost a relation is not what the source has, and the comparison after the run says so.
  const differs = 'the destination does not hold what was written';
  const failed = (report?.items ?? []).filter(({ result, error }) => result === 'failed' && !(plan.lost > 0 && error === differs));
  if (code !== 0 && !(code === 3 && plan.lost > 0)) wrong.push(`exit ${code}: ${JSON.stringify(report?.error) ?? stderr.slice(-600)}`);
  wrong.push(...failed.map(({ type, id, error }) => `${type}/${id} failed: ${error}`));
  if (!(await to.healthy())) wrong.push('the server does not answer any more');
  else {
    const actual = await to.state();
    wrong.push(...differences(plan, before, actual, staging, from.schemas, { written, copies }));
    if (code === 0 && plan.lost === 0 && !one.rewrite) {
      const again = await run([...command(one, staging, from, to), '--dry-run'], from, to);
      const left = (again.report?.items ?? [{ id: 'no plan', decision: JSON.stringify(again.report?.error) ?? again.stderr }]).filter(({ decision }) => decision !== 'skip');
      wrong.push(...left.map(({ type, id, decision }) => `again: ${type}/${id} is ${decision}`));
    }
  }
  console.log(`${wrong.length ? 'FAILED' : 'ok    '} ${one.name.padEnd(44)} ${((Date.now() - began) / 1000).toFixed(1)} s  ${written.size} written, ${gone.size} gone, ${copies.size} copies`);
  wrong.slice(0, 10).forEach((text) => console.log(`         ${text.slice(0, 500)}`));
  return wrong.length === 0;
}

// Whether the two hold the same but for times.
function alike(a, b) {
  if (!a || !b) return false;
  const told = ([field]) => !['createdAt', 'updatedAt', 'localizations'].includes(field);
  const bare = (row) => JSON.stringify(Object.entries(row).filter(told).map(([field, value]) => [field, field === 'publishedAt' ? value !== null : value]));
  return bare(a) === bare(b);
}

const [from, to] = [new Server(stagingProject), new Server(productionProject)];
let failed = ['all'];
try {
  await Promise.all([from.start(), to.start()]);
  const staging = await from.state();
  to.keep();
  const before = await to.state();
  failed = [];
  for (const one of chosen) {
    if (!(await judge(one, staging, before, from, to))) failed.push(one.name);
    await to.restore();
  }
  const [left, right] = [staging, await from.state()].map((state) => JSON.stringify(state));
  if (left !== right) failed.push('staging has changed');
  console.log(`\n${chosen.length - failed.length} of ${chosen.length} cases passed${failed.length ? `; failed: ${failed.join(' ')}` : ''}`);
} finally {
  await Promise.all([from.stop(), to.stop()]);
}
process.exit(failed.length ? 1 : 0);
