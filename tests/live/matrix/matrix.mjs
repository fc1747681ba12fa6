// matrix.mjs STAGING PRODUCTION [CASE…]   runs the cases of the merge matrix with Haul and judges each by the state of
// production afterwards. A case is named whole, or by a part of its name; `kind:media` takes all of a kind; `--list` names them.
//
// HAUL is the command, "target/debug/haul" unless given; MATRIX_KEEP=1 leaves the state of the last case where it is;
// MATRIX_SOFT="inverse order" counts differences of these kinds and lets them pass.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, Decisions, forStandin, newIds, report, run, standin } from './case.mjs';
import cases from './cases.mjs';
import { differences, told } from './diff.mjs';
import { expected } from './model.mjs';
import { FILE, key } from './names.mjs';
import { comparable, rowsOf } from './pulled.mjs';
import { Server } from './server.mjs';
import { pull } from './wire.mjs';

const [stagingProject, productionProject, ...wanted] = process.argv.slice(2);

const chosen = cases.filter(
  ({ name, kinds, alone }) => (wanted.length === 0 && !alone) || wanted.some((word) => word === name || kinds.includes(word.replace(/^kind:/, '')) || (!alone && name.includes(word) && !cases.some((one) => one.name === word))),
);
if (wanted.includes('--list')) {
  for (const { name, kinds } of cases) console.log(`${name} (${kinds.join(', ')})`);
  process.exit(0);
}
if (chosen.length === 0) throw new Error(`no case is called ${wanted.join(' or ')}`);

// What does not make a case fail; MATRIX_SOFT adds kinds, such as "inverse order".
const passing = new Set(['soft', ...(process.env.MATRIX_SOFT ?? '').split(',')]);

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

// A second plan has nothing left to write, where nothing of the first could be lost.
async function again(one, from, to) {
  const second = report(await run([...command(one, from, to), '--dry-run'], from, to));
  // What somebody wants written is written, whether or not it differs.
  const wanted = new Set(Object.entries(one.decide ?? {}).filter(([, decision]) => decision === 'overwrite').map(([name]) => key(name)));
  const unasked = ({ type, id, decision }) => decision !== 'skip' && !wanted.has(`${type}/${id}`);
  const left = (second?.items ?? []).filter(unasked).map(({ type, id, decision }) => `again: ${type}/${id} is ${decision}`);
  return second?.items ? left : [`again: no plan: ${JSON.stringify(second?.error)}`];
}

// A rehearsal says what it did, and production is as before.
async function rehearsed(one, before, from, to) {
  const began = Date.now();
  const outcome = await run(command(one, from, to), from, to);
  const seconds = (Date.now() - began) / 1000;
  const told_ = report(outcome);
  const codes = new Set((told_?.findings ?? []).map(({ code }) => code));
  const wrong = outcome.code === 0 ? [] : [`exit: ${outcome.code}: ${JSON.stringify(told_?.error) ?? outcome.stderr.slice(-500)}`];
  if (!codes.has('rehearsed')) wrong.push(`report: it was not rehearsed: ${JSON.stringify(told_?.findings)}`);
  const actual = to.state();
  if (!(await to.healthy())) wrong.push('server: it does not answer any more');
  else wrong.push(...(await pulledAlike(to, actual)));
  return { name: one.name, seconds, peak: outcome.peak, wrong, drawn: [], hard: differences(before, actual, to.tables), soft: [], plan: before, actual };
}

async function judge(one, staging, before, from, to) {
  one.decisions = new Decisions(one, staging, before, to.tables);
  if (one.rehearse) return rehearsed(one, before, from, to);
  const decisions = one.decisions.all();
  const began = Date.now();
  const outcome = await run(command(one, from, to), from, to, forStandin(one, decisions, from, to));
  const seconds = (Date.now() - began) / 1000;
  const told_ = report(outcome);
  const { wrong, newIds, drawn } = judgeReport(told_, decisions);
  const codes = new Set((told_?.findings ?? []).map(({ code }) => code));
  for (const code of one.says ?? []) if (!codes.has(code)) wrong.push(`report: no finding is ${code}`);
  if (outcome.code !== 0) wrong.unshift(`exit: ${outcome.code}: ${JSON.stringify(told_?.error) ?? outcome.stderr.slice(-500)}`);
  const plan = expected(staging, before, to.tables, { writes: one.decisions.writes(decisions, newIds), stands: one.decisions.stands, locales: one.locales });
  const actual = to.state();
  const found = differences(plan, actual, to.tables);
  if (!(await to.healthy())) wrong.push('server: it does not answer any more');
  else wrong.push(...(await pulledAlike(to, actual)));
  if (outcome.code === 0 && plan.lost === 0 && !one.rewrite && !standin) wrong.push(...(await again(one, from, to)));
  // 64 MiB may be held, and 300 bytes for each of the items beyond those that have room in it: MATRIX_MEASURE.
  const most = 64 + (Number(process.env.MATRIX_MEASURE ?? 0) * 300) / 1048576;
  if (outcome.peak > most) wrong.push(`memory: ${outcome.peak.toFixed(1)} MiB, allowed are ${most.toFixed(1)}`);
  return { name: one.name, seconds, peak: outcome.peak, wrong, drawn, hard: found.filter(({ kind }) => !passing.has(kind)), soft: found.filter(({ kind }) => passing.has(kind)), plan, actual };
}

function line({ name, seconds, peak, wrong, hard, soft, drawn }) {
  const counts = new Map();
  for (const kind of [...wrong.map((text) => text.split(':')[0]), ...hard.map(({ kind }) => kind)]) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const what = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const notes = [soft.length > 0 && `${soft.length} soft`, drawn.length > 0 && `${drawn.length} drawn in`, peak && `${peak.toFixed(1)} MiB at most`].filter(Boolean).join(', ');
  return `${counts.size === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(44)} ${seconds.toFixed(1).padStart(5)} s  ${what}${notes ? ` (${notes})` : ''}`;
}

// What the server sends is what its database holds. MATRIX_PULL=no leaves that out, for sites that take long to send.
async function pulledAlike(server, state) {
  if (process.env.MATRIX_PULL === 'no') return [];
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
