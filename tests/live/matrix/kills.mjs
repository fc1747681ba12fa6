// kills.mjs STAGING PRODUCTION TIMES [SEED [CASE…]]   kills the client, then the server, with SIGKILL at so many points of each
// case. Every fourth is drawn by the seed over the time that the case takes, the others over the time in which its longest
// transaction writes, as SQLite's journal tells. Afterwards production is as before or as planned.
import { existsSync } from 'node:fs';
import { command, Decisions, forStandin, report, run } from './case.mjs';
import cases from './cases.mjs';
import { differences, told } from './diff.mjs';
import { expected } from './model.mjs';
import { FILE } from './names.mjs';
import { Server } from './server.mjs';

const [stagingProject, productionProject, times = '6', seed = '1', ...wanted] = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : ['all-that-the-keeper-holds', 'everything-at-once-with-dependencies'];

// Numbers between 0 and 1 that are the same for the same seed.
function* drawn(state) {
  for (;;) {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    yield state / 2 ** 32;
  }
}

const hard = (found) => found.filter(({ kind }) => kind !== 'soft');
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function verdict(before, plan, actual) {
  const [unchanged, planned] = [hard(differences(before, actual)), hard(differences(plan, actual))];
  if (unchanged.length === 0) return { word: 'before' };
  if (planned.length === 0) return { word: 'planned' };
  const files = unchanged.every(({ kind, where }) => (kind === 'extra row' && where.startsWith(FILE)) || kind === 'file');
  return { word: files ? 'FILES' : 'BETWEEN', found: unchanged };
}

class Kills {
  constructor(from, to, staging, before) {
    Object.assign(this, { from, to, staging, before });
  }

  async prepared(name) {
    const one = cases.find((one) => one.name === name);
    one.decisions = new Decisions(one, this.staging, this.before, this.to.tables);
    const decisions = one.decisions.all();
    const { stands } = one.decisions;
    const plan = expected(this.staging, this.before, this.to.tables, { writes: one.decisions.writes(decisions, new Map()), stands });
    const go = (started) => run(command(one, this.from, this.to), this.from, this.to, forStandin(one, decisions, this.from, this.to), started);
    const began = Date.now();
    const watched = this.watch(began);
    const { code, stdout, stderr } = await go();
    const writes = watched();
    if (code !== 0) throw new Error(`${name} fails without being killed: ${stdout.slice(0, 500)} ${stderr.slice(-500)}`);
    return { go, plan, lasts: Date.now() - began, writes };
  }

  // When the longest transaction wrote, in milliseconds since `began`.
  watch(began) {
    const spans = [];
    let open = null;
    const timer = setInterval(() => {
      const now = Date.now() - began;
      if (existsSync(`${this.to.database}-journal`)) open = [open?.[0] ?? now, now];
      else if (open) open = void spans.push(open);
    }, 1);
    return () => {
      clearInterval(timer);
      return [...spans, ...(open ? [open] : [])].sort((a, b) => b[1] - b[0] - (a[1] - a[0]))[0] ?? [0, Date.now() - began];
    };
  }

  async client({ go, plan }, after) {
    let child;
    const over = go((started) => (child = started));
    await pause(after);
    child.kill('SIGKILL');
    const { code } = await over;
    for (let tries = 0; tries < 40 && !(await this.to.healthy()); tries++) await pause(250);
    if (!(await this.to.healthy())) return { word: 'HANGS', code };
    return { ...verdict(this.before, plan, this.to.state()), code };
  }

  async server({ go, plan }, after) {
    const over = go();
    await pause(after);
    await this.to.stop('SIGKILL');
    const outcome = await over;
    await this.to.start();
    const judged = verdict(this.before, plan, this.to.state());
    // Who is told of success must find it, and who is told of a failure must be told why.
    if (outcome.code === 0 && judged.word !== 'planned') judged.word = 'LIED';
    if (outcome.code !== 0 && !report(outcome)?.error) judged.word += ' SILENTLY';
    return { ...judged, code: outcome.code };
  }

  async restore() {
    if (!(await this.to.healthy())) {
      await this.to.stop('SIGKILL');
      await this.to.restore();
      await this.to.start();
    } else await this.to.restore();
  }
}

const [from, to] = [new Server(stagingProject), new Server(productionProject)];
let bad = 0;
try {
  await Promise.all([from.start(), to.start()]);
  await to.keep();
  const kills = new Kills(from, to, from.state(), to.state());
  const points = drawn(Number(seed));
  for (const name of names) {
    const prepared = await kills.prepared(name);
    console.log(`${name}: ${(prepared.lasts / 1000).toFixed(1)} s when nothing is killed, writing from ${prepared.writes.join(' to ')} ms`);
    for (const who of ['client', 'server']) {
      for (let n = 0; n < Number(times); n++) {
        await kills.restore();
        const [start, end] = n % 4 === 0 ? [0, prepared.lasts] : prepared.writes;
        const after = Math.round(start + (end - start) * (points.next().value * 1.1 - 0.05));
        const { word, code, found } = await kills[who](prepared, after);
        console.log(`  ${who} killed after ${String(after).padStart(5)} ms: ${word} (exit ${code})`);
        if (!['before', 'planned'].includes(word)) bad += 1;
        if (found) for (const text of told(found).split('\n').slice(0, 5)) console.log(`      ${text.slice(0, 300)}`);
      }
    }
    await kills.restore();
  }
} catch (error) {
  console.error(error);
  bad += 1;
} finally {
  await Promise.all([from.stop(), to.stop()]);
}
console.log(bad === 0 ? 'every kill left production as before or as planned' : `${bad} kills did not`);
process.exit(bad === 0 ? 0 : 1);
