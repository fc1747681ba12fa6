// kills.mjs STAGING PRODUCTION MODE TIMES [SEED [CASE…]]   kills client and server in turn, with SIGKILL, so many times in a run
// of each mode, `merge` or `replace`. The points lie at frames of the run, which a proxy before production counts: they are
// spread over all its parts (what is read before, each transfer that writes, between them, what is read after), and drawn by
// the seed within them. After each kill production is as before or as planned, or has new files besides where the plan had
// said so; then `haul runs resume` ends as the run that nothing broke.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, Decisions, forStandin, report, run, standin } from './case.mjs';
import cases from './cases.mjs';
import { differences, told } from './diff.mjs';
import { expected } from './model.mjs';
import { FILE, FOLDER } from './names.mjs';
import { partsOf, Proxy } from './proxy.mjs';
import { Server } from './server.mjs';

const [stagingProject, productionProject, mode = 'merge', times = '6', seed = '1', ...wanted] = process.argv.slice(2);
const usual = { merge: ['everything-at-once-with-dependencies', 'all-that-the-keeper-holds'], replace: ['replace'] };
const names = wanted.length > 0 ? wanted : usual[mode];
const passing = new Set(['soft', ...(process.env.MATRIX_SOFT ?? '').split(',')]);

// Numbers between 0 and 1 that are the same for the same seed.
function* drawn(state) {
  for (;;) {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    yield state / 2 ** 32;
  }
}

const hard = (found) => found.filter(({ kind }) => !passing.has(kind));
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

// So many points over the frames of a run: each part gets its share in turn, the ones that write twice.
function points(words, count, random) {
  const parts = partsOf(words);
  const frames = new Map();
  for (const [n, part] of parts.entries()) frames.set(part, [...(frames.get(part) ?? []), n]);
  const order = [...frames.keys()].flatMap((part) => (part.startsWith('transfer') ? [part, part] : [part]));
  return Array.from({ length: count }, (_, n) => {
    const part = order[n % order.length];
    const at = frames.get(part)[Math.floor(random.next().value * frames.get(part).length)];
    return { at, part, word: words[at], late: Math.floor(random.next().value * 40) };
  }).sort((a, b) => a.at - b.at);
}

class Kills {
  constructor(from, to, proxy, before) {
    Object.assign(this, { from, to, proxy, before, state: mkdtempSync(join(tmpdir(), 'haul-kills-')) });
    this.door = { url: proxy.url, token: to.token, project: to.project };
  }

  // The run that nothing breaks: its frames, what it leaves, and what its plan said.
  async prepare(name) {
    this.arguments = mode === 'merge' ? this.merge(name) : this.replace();
    const began = Date.now();
    this.proxy.forget();
    const outcome = await this.haul(this.arguments);
    if (outcome.code !== 0) throw new Error(`${name} fails without being killed: ${outcome.stdout.slice(0, 2000)} ${outcome.stderr.slice(-500)}`);
    this.words = this.proxy.words;
    this.planned = this.to.state();
    this.codes = new Set((report(outcome)?.findings ?? []).map(({ code }) => code));
    const wrong = this.model ? hard(differences(this.model, this.planned, this.to.tables)) : [];
    if (wrong.length > 0) throw new Error(`${name} does not end as planned without being killed: ${told(wrong).slice(0, 2000)}`);
    return seconds(began);
  }

  merge(name) {
    const one = cases.find((one) => one.name === name);
    one.decisions = new Decisions(one, this.staging, this.before, this.to.tables);
    const decisions = one.decisions.all();
    const { stands } = one.decisions;
    this.model = expected(this.staging, this.before, this.to.tables, { writes: one.decisions.writes(decisions, new Map()), stands });
    this.more = forStandin(one, decisions, this.from, this.to);
    return command(one, this.from, this.door);
  }

  replace() {
    this.model = null;
    return ['transfer', `strapi:${this.from.url}/admin`, `strapi:${this.door.url}/admin`, '--mode', 'replace', '--no-prompt', '--json'];
  }

  haul(args, started) {
    return run(args, this.from, this.door, { ...this.more, HAUL_STATE_DIR: this.state }, started);
  }

  async kill(who, { at, late }) {
    rmSync(this.state, { recursive: true, force: true });
    let child;
    let struck = Promise.resolve();
    const strike = async () => {
      await pause(late);
      if (who === 'client') child.kill('SIGKILL');
      else await this.to.stop('SIGKILL');
    };
    this.proxy.forget({ after: (n) => void (n === at && (struck = strike())) });
    const outcome = await this.haul(this.arguments, (started) => (child = started));
    await struck;
    const judged = { ...(await this.judged(who, outcome)), code: outcome.code };
    return this.isRight(judged) ? { ...judged, ...(await this.goOn(who)) } : judged;
  }

  async judged(who, outcome) {
    if (who === 'server') {
      await this.to.stop('SIGKILL');
      await this.to.start();
    }
    for (let tries = 0; tries < 60 && !(await this.to.healthy()); tries++) await pause(250);
    if (!(await this.to.healthy())) return { word: 'HANGS' };
    const judged = this.verdict(this.to.state());
    // Who is told of success must find it, and who is told of a failure must be told why.
    if (outcome.code === 0 && judged.word !== 'planned') judged.word = 'LIED';
    if (who === 'server' && outcome.code !== 0 && !report(outcome)?.error) judged.word += ' SILENTLY';
    return judged;
  }

  verdict(actual) {
    const unchanged = hard(differences(this.before, actual, this.to.tables));
    if (unchanged.length === 0) return { word: 'before' };
    const planned = hard(differences(this.planned, actual, this.to.tables));
    if (planned.length === 0) return { word: 'planned' };
    const isFile = ({ kind, where, text }) => (kind === 'extra row' && [FILE, FOLDER].some((type) => where.startsWith(`${type}/`))) || (kind === 'file' && text === 'came to the disk');
    if (!unchanged.every(isFile)) return { word: 'BETWEEN', found: unchanged };
    return this.codes.has('two-transactions') ? { word: 'before and new files, as the plan had said' } : { word: 'FILES', found: unchanged };
  }

  isRight({ word }) {
    return word === 'planned' || word.startsWith('before');
  }

  // A run that was not on disk yet had written nothing: its command is given again.
  async goOn(who) {
    this.proxy.forget();
    let again = await this.haul(['runs', 'resume', 'last', '--no-prompt', '--json']);
    if (['unknown-run', 'unknown-item'].includes(report(again)?.error?.code) || again.code === 2) again = await this.haul(this.arguments);
    // Whoever is killed after everything has nothing to go on with.
    const found = hard(differences(this.planned, this.to.state(), this.to.tables));
    const error = report(again)?.error;
    if (found.length > 0) return { word: 'NOT RESUMED', found: [...(error ? [{ kind: 'error', where: error.code, text: error.message }] : []), ...found] };
    return { resumed: again.code === 0 ? 'planned after resume' : `planned; resume says ${error?.code}: ${error?.message}` };
  }

  async restore() {
    this.proxy.forget();
    if (!(await this.to.healthy())) {
      await this.to.stop('SIGKILL');
      await this.to.restore();
      await this.to.start();
    } else await this.to.restore();
  }
}

const began = Date.now();
const [from, to] = [new Server(stagingProject), new Server(productionProject)];
const proxy = new Proxy(() => to.port);
let [bad, kills] = [0, null];
const tally = new Map();
try {
  await Promise.all([from.start(), to.start(), proxy.start()]);
  await to.keep();
  kills = new Kills(from, to, proxy, to.state());
  kills.staging = from.state();
  const random = drawn(Number(seed));
  for (const [n, name] of names.entries()) {
    const lasts = await kills.prepare(name);
    console.log(`${name}: ${lasts} when nothing is killed, ${kills.words.length} frames to production`);
    const share = Math.floor((Number(times) + n) / names.length);
    for (const [n, point] of points(kills.words, share, random).entries()) {
      await kills.restore();
      const who = n % 2 === 0 ? 'client' : 'server';
      const { word, code, found, resumed } = await kills.kill(who, point);
      tally.set(word, (tally.get(word) ?? 0) + 1);
      console.log(`  ${who} killed ${point.late} ms after frame ${point.at} (${point.part}: ${point.word}): ${word} (exit ${code})${resumed ? `; ${resumed}` : ''}`);
      if (!resumed) bad += 1;
      if (found) for (const text of told(found).split('\n').slice(0, 8)) console.log(`      ${text.slice(0, 400)}`);
    }
    await kills.restore();
  }
} catch (error) {
  console.error(error);
  bad += 1;
} finally {
  proxy.stop();
  await Promise.all([from.stop(), to.stop()]);
  if (kills) rmSync(kills.state, { recursive: true, force: true });
}
console.log(`${times} kills of ${mode} in ${seconds(began)}: ${[...tally].map(([word, count]) => `${count} ${word}`).join(', ')}${standin ? ' (stand-in)' : ''}`);
console.log(bad === 0 ? 'every kill left production as before or as planned, and going on came to the end' : `${bad} did not`);
process.exit(bad === 0 ? 0 : 1);
