// One case: what its plan has to decide, and the command that carries it out.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { documentOf, expected, movesIn } from './model.mjs';
import { ABOUT, FILE, key, MOTTO } from './names.mjs';

const haul = (process.env.HAUL ?? 'target/debug/haul').split(' ');
export const standin = haul.join(' ').includes('standin.mjs');
const singles = new Set([MOTTO, ABOUT]);
const keysOf = (map) => Object.fromEntries(Object.entries(map ?? {}).map(([from, to]) => [key(from), key(to)]));
const idOf = (document) => document.slice(document.lastIndexOf('/') + 1);
const itemKey = (document) => (document.startsWith(FILE) ? `asset:${idOf(document)}` : `entry:${document}`);

// What the plan has to decide, by rules of a few lines.
export class Decisions {
  constructor(one, staging, production, tables) {
    Object.assign(this, { one, staging, production, tables });
    this.stands = keysOf(one.stands);
    this.moves = movesIn(one.locales);
    this.there = new Set(Object.keys(production.rows).filter(this.moves).map(documentOf));
    const documents = [...new Set(Object.keys(staging.rows).filter(this.moves).map(documentOf))];
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
    const model = expected(this.staging, this.production, this.tables, { writes: { [document]: { decision: 'overwrite', as } }, stands: this.stands, locales: this.one.locales });
    const own = (rows) => JSON.stringify(Object.entries(rows).filter(([name]) => documentOf(name) === as && this.moves(name)).map(([name, row]) => [name, this.bare(row, name)]));
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

export function command(one, from, to) {
  const { picked } = one.decisions;
  const selection = one.types ? ['--types', ...one.types] : ['--ids', ...one.pick.map(key).map((document) => (document.startsWith(FILE) ? idOf(document) : document))];
  const decide = Object.entries(one.decide ?? {}).flatMap(([name, decision]) => ['--decide', `${itemKey(key(name))}=${decision}`]);
  return [
    ...(one.rehearse ? ['plan', '--rehearse'] : ['transfer']), `strapi:${from.url}/admin`, `strapi:${to.url}/admin`, `--${one.policy}`, '--dependencies', one.dependencies,
    ...selection, ...decide, ...(one.rewrite ? ['--rewrite-identical'] : []), ...(one.locales ? ['--locales', one.locales.join(',')] : []), '--no-prompt', '--json',
  ];
}

// The most memory that a process has held so far, in MiB.
export function peak(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024 || undefined;
  } catch {
    return undefined; // it has ended
  }
}

// Runs Haul to its end; `started` is told of its process.
export function run(args, from, to, more = {}, started = () => {}) {
  return new Promise((done) => {
    const env = { ...process.env, ...more, HAUL_FROM_TOKEN: from.token, HAUL_TO_TOKEN: to.token };
    const child = spawn(haul[0], [...haul.slice(1), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    started(child);
    const out = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => (out[stream] += data));
    const late = setTimeout(() => child.kill('SIGKILL'), Number(process.env.MATRIX_TIMEOUT ?? 120) * 1000);
    const watch = process.env.MATRIX_MEASURE && setInterval(() => (out.peak = peak(child.pid) ?? out.peak), 20);
    child.on('close', (code, signal) => {
      clearTimeout(late);
      clearInterval(watch);
      done({ ...out, code: code ?? signal });
    });
  });
}

export function report({ stdout }) {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

// Copies by the document that they are made of. Items by document, as the report tells them.
export function newIds(items) {
  const copies = [...items].filter(([, { newId }]) => newId);
  return new Map(copies.map(([document, { newId }]) => [document, `${document.slice(0, document.lastIndexOf('/'))}/${newId}`]));
}

// What the stand-in is told; Haul does not look at it.
export const forStandin = ({ decisions: { stands } }, decisions, from, to) => ({
  STANDIN_STAGING: from.project, STANDIN_PRODUCTION: to.project, STANDIN_DECISIONS: JSON.stringify({ decisions: Object.fromEntries(decisions), stands }),
});
