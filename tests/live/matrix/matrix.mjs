// matrix.mjs STAGING PRODUCTION [CASE…]   runs the cases of the merge matrix with Haul and judges each by the state of
// production afterwards. A case is named whole, or by a part of its name; `kind:media` takes all of a kind; `--list` names them.
//
// HAUL is the command, "target/debug/haul" unless given; MATRIX_KEEP=1 leaves the state of the last case where it is;
// MATRIX_SOFT="inverse order" counts differences of these kinds and lets them pass.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import cases from './cases.mjs';
import { differences, told } from './diff.mjs';
import { documentOf, expected } from './model.mjs';
import { ABOUT, FILE, key, MOTTO } from './names.mjs';
import { comparable, rowsOf } from './pulled.mjs';
import { Server } from './server.mjs';
import { pull } from './wire.mjs';

const [stagingProject, productionProject, ...wanted] = process.argv.slice(2);
const haul = (process.env.HAUL ?? 'target/debug/haul').split(' ');

const chosen = cases.filter(
  ({ name, kinds }) => wanted.length === 0 || wanted.some((word) => word === name || kinds.includes(word.replace(/^kind:/, '')) || (name.includes(word) && !cases.some((one) => one.name === word))),
);
if (wanted.includes('--list')) {
  for (const { name, kinds } of cases) console.log(`${name} (${kinds.join(', ')})`);
  process.exit(0);
}
if (chosen.length === 0) throw new Error(`no case is called ${wanted.join(' or ')}`);

// What does not make a case fail; MATRIX_SOFT adds kinds, such as "inverse order".
const soft = new Set(['soft', ...(process.env.MATRIX_SOFT ?? '').split(',')]);
const standin = haul.join(' ').includes('standin.mjs');
const singles = new Set([MOTTO, ABOUT]);
const keysOf = (map) => Object.fromEntries(Object.entries(map ?? {}).map(([from, to]) => [key(from), key(to)]));
const idOf = (document) => document.slice(document.lastIndexOf('/') + 1);
const itemKey = (document) => (document.startsWith(FILE) ? `asset:${idOf(document)}` : `entry:${document}`);

// What the plan has to decide, by rules of a few lines.
class Decisions {
  constructor(one, staging, production, tables) {
    Object.assign(this, { one, staging, production, tables });
    this.stands = keysOf(one.stands);
    this.there = new Set(Object.keys(production.rows).map(documentOf));
    const documents = [...new Set(Object.keys(staging.rows).map(documentOf))];
    this.picked = one.types
      ? documents.filter((document) => one.types.some((type) => document.startsWith(`${type}/`)))
      : [...one.pick, ...(one.also ?? [])].map(key);
    this.asked = new Map(Object.entries(one.decide ?? {}).map(([name, decision]) => [key(name), decision]));
    this.brought = (one.brings ?? []).map(key);
  }

  match(document) {
    return this.stands[document] ?? (this.there.has(document) ? document : undefined);
  }

  // Decision by document. `newIds` tells what a copy is called.
  all() {
    const wish = new Map();
    for (const document of this.brought) wish.set(document, 'create');
    for (const document of this.picked) wish.set(document, this.match(document) ? (this.asked.get(document) ?? this.one.policy) : 'create');
    // A second document of a single type would be nobody's.
    for (const [document, decision] of wish) if (decision === 'duplicate' && singles.has(document.split('/')[0])) wish.set(document, 'skip');
    if (!this.one.rewrite) {
      const alike = [...wish].filter(([document, decision]) => decision === 'overwrite' && this.identical(document));
      for (const [document] of alike) wish.set(document, 'skip');
    }
    return wish;
  }

  // Nothing differs but times and makers: the document would be written as it is.
  identical(document) {
    const as = this.match(document);
    const model = expected(this.staging, this.production, this.tables, { writes: { [document]: { decision: 'overwrite', as } }, stands: this.stands });
    const own = (rows) => JSON.stringify(Object.entries(rows).filter(([name]) => documentOf(name) === as).map(([name, row]) => [name, this.bare(row, name)]));
    return model.lost === 0 && own(model.rows) === own(this.production.rows);
  }

  bare(row, name) {
    const { attributes } = this.tables[name.slice(0, name.indexOf('/'))];
    const told = ([field]) => !/^(createdAt|updatedAt|publishedAt|createdBy|updatedBy)$/.test(field) && !attributes[field]?.mappedBy;
    return Object.fromEntries(Object.entries(row).filter(told));
  }

  writes(decisions, newIds) {
    const writes = {};
    for (const [document, decision] of decisions) {
      if (decision === 'skip') continue;
      const as = decision === 'create' ? document : decision === 'overwrite' ? this.match(document) : newIds.get(document);
      if (as) writes[document] = { decision, as };
    }
    return writes;
  }
}

function command(one, from, to) {
  const { picked } = one.decisions;
  const selection = one.types ? ['--types', ...one.types] : ['--ids', ...one.pick.map(key).map((document) => (document.startsWith(FILE) ? idOf(document) : document))];
  const decide = Object.entries(one.decide ?? {}).flatMap(([name, decision]) => ['--decide', `${itemKey(key(name))}=${decision}`]);
  return [
    'transfer', `strapi:${from.url}/admin`, `strapi:${to.url}/admin`, `--${one.policy}`, '--dependencies', one.dependencies,
    ...selection, ...decide, ...(one.rewrite ? ['--rewrite-identical'] : []), '--no-prompt', '--json',
  ];
}

function run(args, from, to, more = {}) {
  return new Promise((done) => {
    const env = { ...process.env, ...more, HAUL_FROM_TOKEN: from.token, HAUL_TO_TOKEN: to.token };
    const child = spawn(haul[0], [...haul.slice(1), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => (out[stream] += data));
    const late = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.on('close', (code, signal) => {
      clearTimeout(late);
      done({ ...out, code: code ?? signal });
    });
  });
}

function report({ stdout }) {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

// The report against the decisions that the case expects. Items that were only drawn in are counted, not judged.
function judgeReport(told, decisions) {
  const wrong = [];
  const items = new Map([...(told?.items ?? [])].reverse().map((item) => [item.kind === 'asset' ? `${FILE}/${item.id}` : `${item.type}/${item.id}`, item]));
  for (const [document, decision] of decisions) {
    const item = items.get(document);
    if (!item) wrong.push(`report: ${document} is not in it`);
    else if (item.decision !== decision) wrong.push(`report: ${document} is ${item.decision} (${item.reason}), expected ${decision}`);
    else if (decision !== 'skip' && item.result !== 'done') wrong.push(`report: ${document} is ${item.result}: ${JSON.stringify(item.error)}`);
    else if (decision === 'duplicate' && !item.newId) wrong.push(`report: the copy of ${document} has no id`);
  }
  const drawn = [...items].filter(([document, { decision }]) => decision !== 'skip' && !decisions.has(document));
  return { wrong, newIds: newIds(items), drawn: drawn.map(([document, { decision }]) => `${document} ${decision}`) };
}

function newIds(items) {
  const copies = [...items].filter(([, { newId }]) => newId);
  return new Map(copies.map(([document, { newId }]) => [document, `${document.slice(0, document.lastIndexOf('/'))}/${newId}`]));
}

// A second plan has nothing left to write, where nothing of the first could be lost.
async function again(one, from, to) {
  const second = report(await run([...command(one, from, to), '--dry-run'], from, to));
  const left = (second?.items ?? []).filter(({ decision }) => decision !== 'skip').map(({ type, id, decision }) => `again: ${type}/${id} is ${decision}`);
  return second?.items ? left : [`again: no plan: ${JSON.stringify(second?.error)}`];
}

// What the stand-in is told; Haul does not look at it.
const forStandin = ({ decisions: { stands } }, decisions, from, to) => ({
  STANDIN_STAGING: from.project, STANDIN_PRODUCTION: to.project, STANDIN_DECISIONS: JSON.stringify({ decisions: Object.fromEntries(decisions), stands }),
});

async function judge(one, staging, before, from, to) {
  one.decisions = new Decisions(one, staging, before, to.tables);
  const decisions = one.decisions.all();
  const began = Date.now();
  const outcome = await run(command(one, from, to), from, to, forStandin(one, decisions, from, to));
  const seconds = (Date.now() - began) / 1000;
  const told_ = report(outcome);
  const { wrong, newIds, drawn } = judgeReport(told_, decisions);
  if (outcome.code !== 0) wrong.unshift(`exit: ${outcome.code}: ${JSON.stringify(told_?.error) ?? outcome.stderr.slice(-500)}`);
  const plan = expected(staging, before, to.tables, { writes: one.decisions.writes(decisions, newIds), stands: one.decisions.stands });
  const actual = to.state();
  const found = differences(plan, actual, to.tables);
  if (!(await to.healthy())) wrong.push('server: it does not answer any more');
  else wrong.push(...(await pulledAlike(to, actual)));
  if (outcome.code === 0 && plan.lost === 0 && !one.rewrite && !standin) wrong.push(...(await again(one, from, to)));
  return { name: one.name, seconds, wrong, drawn, hard: found.filter(({ kind }) => !soft.has(kind)), soft: found.filter(({ kind }) => soft.has(kind)), plan, actual };
}

function line({ name, seconds, wrong, hard, soft, drawn }) {
  const counts = new Map();
  for (const kind of [...wrong.map((text) => text.split(':')[0]), ...hard.map(({ kind }) => kind)]) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const what = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const notes = [soft.length > 0 && `${soft.length} soft`, drawn.length > 0 && `${drawn.length} drawn in`].filter(Boolean).join(', ');
  return `${counts.size === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(44)} ${seconds.toFixed(1).padStart(5)} s  ${what}${notes ? ` (${notes})` : ''}`;
}

// What the server sends is what its database holds.
async function pulledAlike(server, state) {
  const nothing = { disk: {}, settings: {}, models: {}, litter: {} };
  const sent = rowsOf(await pull(server.project, `${server.url}/admin`, server.token, ['entities', 'links']), server.tables);
  return differences({ ...nothing, rows: comparable(state, server.tables) }, { ...nothing, rows: sent }).map(({ where, text }) => `pull: ${where}: ${text}`);
}

const [from, to] = [new Server(stagingProject), new Server(productionProject)];
let code = 1;
try {
  await Promise.all([from.start(), to.start()]);
  const staging = from.state();
  await to.keep();
  const before = to.state();
  for (const [server, state] of [[from, staging], [to, before]]) {
    const wrong = await pulledAlike(server, state);
    if (wrong.length > 0) throw new Error(`${server.project} is not what it sends:\n${wrong.slice(0, 10).join('\n')}`);
  }
  const results = [];
  for (const one of chosen) {
    const result = await judge(one, staging, before, from, to);
    results.push(result);
    console.log(line(result));
    if (result.wrong.length + result.hard.length > 0) {
      for (const text of [...result.wrong, ...told(result.hard).split('\n')].filter(Boolean).slice(0, 12)) console.log(`         ${text.slice(0, 400)}`);
      for (const part of ['plan', 'actual']) writeFileSync(join(to.project, `../${result.name}.${part}.json`), JSON.stringify(result[part], null, 1));
    }
    if (process.env.MATRIX_KEEP && one === chosen.at(-1)) break;
    if (!(await to.healthy())) {
      await to.stop('SIGKILL');
      await to.restore();
      await to.start();
    } else await to.restore();
    const back = differences(before, to.state());
    if (back.length > 0) throw new Error(`production could not be brought back: ${told(back)}`);
  }
  const changed = differences(staging, from.state());
  if (changed.length > 0) throw new Error(`staging has changed: ${told(changed)}`);
  const failed = results.filter(({ wrong, hard }) => wrong.length + hard.length > 0);
  console.log(`\n${results.length - failed.length} of ${results.length} cases passed${failed.length > 0 ? `; failed: ${failed.map(({ name }) => name).join(' ')}` : ''}`);
  code = failed.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error);
} finally {
  await Promise.all([from.stop(), to.stop()]);
}
process.exit(code);
