// postgres.mjs STAGING PRODUCTION COPY [CASE…]   cases of the matrix against a copy of production whose database is PostgreSQL, as
// HAUL_POSTGRES says. What production holds is read from its SQLite file, what the copy holds over the transfer protocol.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { login, post } from '../admin.mjs';
import { command, Decisions, newIds, report, run } from './case.mjs';
import cases from './cases.mjs';
import { differences, told } from './diff.mjs';
import { expected } from './model.mjs';
import { comparable, rowsOf } from './pulled.mjs';
import { Server } from './server.mjs';
import { pull } from './wire.mjs';

const [stagingProject, productionProject, copyProject, ...wanted] = process.argv.slice(2);
const usual = ['plain-overwrite', 'locales-both-differ-overwrite', 'zone-overwrite', 'media-overwrite', 'all-that-the-keeper-holds', 'everything-at-once-with-dependencies', 'a-decision-of-each-kind'];
const chosen = cases.filter(({ name }) => (wanted.length > 0 ? wanted : usual).includes(name));
const more = Object.fromEntries(process.env.HAUL_POSTGRES.split(' ').map((pair) => pair.split('=')));
const passing = new Set(['soft', ...(process.env.MATRIX_SOFT ?? 'inverse order').split(',')]);
const nothing = { disk: {}, settings: {}, models: {}, litter: {} };

// A decimal has two places on PostgreSQL, where Strapi makes a column of it.
function cut(rows, tables) {
  for (const [name, row] of Object.entries(rows)) {
    for (const [field, { type }] of Object.entries(tables[name.slice(0, name.indexOf('/'))].attributes)) {
      if (type === 'decimal' && typeof row[field] === 'number') row[field] = Math.round(row[field] * 100) / 100;
    }
  }
  return rows;
}

// A server whose database is not a file beside it.
class Copy extends Server {
  async admin(work) {
    const { Client } = createRequire(join(process.env.NODE_PATH, 'package.json'))('pg');
    const client = new Client({ host: more.DATABASE_HOST, port: Number(more.DATABASE_PORT), user: more.DATABASE_USERNAME, password: more.DATABASE_PASSWORD, database: 'postgres' });
    await client.connect();
    try {
      for (const sql of work) await client.query(sql);
    } finally {
      await client.end();
    }
  }

  start() {
    return super.start(more);
  }

  // The state to which each case goes back.
  async keep() {
    await this.stop();
    await this.admin(['create database kept template site']);
    await this.start();
  }

  async restore() {
    await this.stop();
    await this.admin(['drop database site with (force)', 'create database site template kept']);
    await this.start();
  }

  async rows() {
    return { ...nothing, rows: cut(rowsOf(await pull(this.project, `${this.url}/admin`, this.token, ['entities', 'links']), this.tables), this.tables) };
  }
}

const [from, to] = [new Server(stagingProject), new Copy(copyProject)];
const [staging, before] = [from.state(), new Server(productionProject).state()];
const told_ = (state) => ({ ...nothing, rows: cut(comparable(state, to.tables), to.tables) });
const hard = (found) => found.filter(({ kind }) => !passing.has(kind));
let bad = 0;
try {
  await Promise.all([from.start(), to.start()]);
  const { data } = await post(to.url, '/admin/transfer/tokens', await login(to.url), { name: 'both', description: '', permissions: ['push', 'pull'], lifespan: null });
  to.token = data.accessKey;
  await to.keep();
  const apart = hard(differences(told_(before), await to.rows(), to.tables));
  if (apart.length > 0) throw new Error(`the copy is not what production is: ${told(apart).slice(0, 1500)}`);
  for (const one of chosen) {
    const files = readdirSync(to.uploads);
    one.decisions = new Decisions(one, staging, before, to.tables);
    const decisions = one.decisions.all();
    const began = Date.now();
    const outcome = await run(command(one, from, to), from, to);
    const items = new Map((report(outcome)?.items ?? []).map((item) => [`${item.type}/${item.id}`, item]));
    const plan = expected(staging, before, to.tables, { writes: one.decisions.writes(decisions, newIds(items)), stands: one.decisions.stands });
    const found = hard(differences(told_(plan), await to.rows(), to.tables));
    const gone = files.filter((name) => !readdirSync(to.uploads).includes(name));
    const wrong = [outcome.code !== 0 && `exit ${outcome.code}: ${JSON.stringify(report(outcome)?.error) ?? outcome.stderr.slice(-500)}`, found.length > 0 && told(found), gone.length > 0 && `gone from the disk: ${gone}`].filter(Boolean);
    if (wrong.length > 0) bad += 1;
    console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${one.name.padEnd(44)} ${((Date.now() - began) / 1000).toFixed(1)} s`);
    for (const text of wrong) console.log(`         ${text.slice(0, 1500)}`);
    await to.restore();
  }
  console.log(`${chosen.length - bad} of ${chosen.length} cases passed on PostgreSQL`);
} catch (error) {
  bad += 1;
  console.error(error);
} finally {
  await Promise.all([from.stop(), to.stop()]);
}
process.exit(bad === 0 ? 0 : 1);
