// faults.mjs STAGING PRODUCTION [CASE…]   what goes wrong between Haul and real servers: each time message and exit code are as they
// should be, and production is as it was, as a reader says that shares no code with Haul.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { login, post } from '../admin.mjs';
import { report, run } from './case.mjs';
import { differences, told } from './diff.mjs';
import { key } from './names.mjs';
import { Proxy } from './proxy.mjs';
import { Server } from './server.mjs';

const [stagingProject, productionProject, ...wanted] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'haul-faults-'));
const [from, to] = [new Server(stagingProject), new Server(productionProject)];
const doors = { from: new Proxy(() => from.port), to: new Proxy(() => to.port) };
// Brings two files, and so takes two transfers; the other overwrites eleven documents in one.
const withFiles = ['--overwrite', '--ids', key('thing-onlya'), '--dependencies', 'create'];
const overwrites = ['--overwrite', '--ids', ...['part-maker', 'part-home', 'tag-mm1', 'thing-friend1'].map(key), '--dependencies', 'none'];

// A transfer between the doors, or with what a case says otherwise.
function transfer(selection, { fromToken = from.token, toToken = to.token, source, env = {} } = {}) {
  const [verb, ends] = source ? ['import', [source]] : ['transfer', [`strapi:${doors.from.url}/admin`]];
  const state = { HAUL_STATE_DIR: join(work, 'state'), ...env };
  return run([verb, ...ends, `strapi:${doors.to.url}/admin`, ...selection, '--no-prompt', '--json'], { token: fromToken }, { token: toToken }, state);
}

async function token(server, name, permissions) {
  const { data } = await post(server.url, '/admin/transfer/tokens', await login(server.url), { name, description: '', permissions, lifespan: null });
  return data.accessKey;
}

function expire(server, name) {
  const database = server.open();
  const { changes } = database.prepare('update strapi_transfer_tokens set expires_at = ? where name = ?').run(Date.now() - 1000, name);
  database.close();
  if (changes !== 1) throw new Error(`there is no token ${name}`);
}

// What staging holds, as a folder that can be changed by hand.
async function bundle(change) {
  const [archive, folder] = [join(work, 'staging.tar'), join(work, 'bundle')];
  if (!existsSync(archive)) {
    const made = await run(['export', `strapi:${from.url}/admin`, archive, '--no-encrypt', '--no-compress', '--no-prompt'], from, to);
    if (made.code !== 0) throw new Error(`staging could not be exported: ${made.stderr}`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  execFileSync('tar', ['xf', archive, '-C', folder]);
  const each = (place, edit) => {
    for (const name of readdirSync(join(folder, place))) writeFileSync(join(folder, place, name), edit(readFileSync(join(folder, place, name), 'utf8')));
  };
  change({ each, folder });
  return folder;
}
const lines = (edit) => (text) => text.split('\n').map((line) => line && JSON.stringify(edit(JSON.parse(line)))).join('\n');

// A small disk for `work`, in the place of a folder; nothing where nobody may mount one.
async function onSmallDisk(folder, kibibytes, work) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder], { stdio: 'pipe' });
  try {
    return await work();
  } finally {
    execFileSync('umount', ['-l', folder]);
  }
}

const otherDigit = (digit) => (digit === '0' ? '1' : '0');
const wrongSum = (text) => text.replace(/("sha256","value":")(.)/g, (_, before, digit) => before + otherDigit(digit));

// A case: the run, its exit code, the code of its error, words of its message, and what is done before production is looked at.
const cases = {
  'wrong token of the destination': () => [transfer(overwrites, { toToken: 'nonsense' }), 1, 'unauthorized', 'does not know this transfer token'],
  'wrong token of the source': () => [transfer(overwrites, { fromToken: 'nonsense' }), 1, 'unauthorized', 'does not know this transfer token'],
  'a token without the right to push': () => [transfer(overwrites, { toToken: tokens.pull }), 1, 'forbidden', 'may not push'],
  'a token without the right to pull': () => [transfer(overwrites, { toToken: tokens.push }), 1, 'forbidden', 'may not pull'],
  'a source whose token may not pull': () => [transfer(overwrites, { fromToken: tokens.sourcePush }), 1, 'forbidden', 'may not pull'],
  'a token that has expired': () => [transfer(overwrites, { toToken: tokens.expired }), 1, 'unauthorized', 'does not know this transfer token'],
  'transfers disabled': async () => {
    await to.stop();
    await to.start({ TRANSFER_ENABLED: 'false' });
    return [transfer(overwrites), 1, 'server', 'transfers disabled', again];
  },
  'a server that is stopped': async () => {
    await to.stop();
    return [transfer(overwrites), 1, 'unreachable', '127.0.0.1', again];
  },
  ...Object.fromEntries(
    [
      ['a socket cut while the destination is read', 'pull entities start', overwrites],
      ['a socket cut at what deletes', 'push beforeTransfer', overwrites],
      ['a socket cut among rows', 'push entities stream', overwrites],
      ['a socket cut among links', 'push links stream', withFiles],
      ['a socket cut among files', 'push assets stream', withFiles],
      ['a socket cut before the last word', 'push close', overwrites],
    ].map(([name, at, selection]) => [name, () => [cut(at, selection), 1, 'unreachable', 'the connection to']]),
  ),
  'a wrong checksum on the way to the destination': () => {
    doors.to.forget({ change: wrongSum });
    return [transfer(withFiles), 1, 'server', 'Checksum mismatch'];
  },
  'a wrong checksum on the way from the source': () => {
    doors.from.forget({
      twist: (bytes) => {
        const at = bytes.indexOf('"sha256","value":"');
        if (at >= 0) bytes.write(otherDigit(String.fromCharCode(bytes[at + 18])), at + 18);
      },
    });
    return [transfer(withFiles), 1, 'damaged', 'checksum'];
  },
  'a file that the source lacks': () => {
    const [row] = Object.entries(from.state().rows).find(([name]) => name.startsWith(key('file-onlya')))?.slice(1) ?? [];
    const path = join(from.uploads, row.hash + row.ext);
    renameSync(path, join(work, 'kept'));
    return [transfer(withFiles), 1, 'damaged', 'only staging.png', () => renameSync(join(work, 'kept'), path)];
  },
  'schemas that differ': async () => {
    const source = await bundle(({ each }) => each('schemas', lines((schema) => (schema.uid === 'api::tag.tag' ? { ...schema, attributes: { ...schema.attributes, label: { type: 'integer' } } } : schema))));
    return [transfer(['--overwrite', '--types', 'api::tag.tag'], { source }), 4, 'blocking-finding', 'label'];
  },
  'a type that the destination lacks': async () => {
    const source = await bundle(({ each }) => ['schemas', 'entities', 'links'].forEach((place) => each(place, (text) => text.replaceAll('api::tag.tag', 'api::gone.gone'))));
    return [transfer(['--overwrite', '--types', 'api::gone.gone'], { source }), 4, 'blocking-finding', 'api::gone.gone'];
  },
  'a type that nobody has': () => [transfer(['--overwrite', '--types', 'api::nothing.nothing']), 4, 'unknown-item', 'api::nothing.nothing'],
  'a source of another major version': async () => {
    const source = await bundle(({ folder }) => {
      const metadata = join(folder, 'metadata.json');
      writeFileSync(metadata, readFileSync(metadata, 'utf8').replace('"5.54.0"', '"6.1.0"'));
    });
    return [transfer(overwrites, { source }), 4, 'blocking-finding', '6.1.0'];
  },
  'a full disk of this machine': () =>
    onSmallDisk(join(work, 'small'), 64, async () => [await transfer(overwrites, { env: { HAUL_STATE_DIR: join(work, 'small') } }), 1, 'disk-full', 'no space left']),
  'a full disk of the destination': async () => {
    const kept = `${to.uploads}.kept`;
    cpSync(to.uploads, kept, { recursive: true });
    await to.stop();
    try {
      return await onSmallDisk(to.uploads, 4, async () => {
        await to.start();
        return [await transfer(withFiles), 1, 'server', 'ENOSPC'];
      });
    } finally {
      cpSync(kept, to.uploads, { recursive: true, force: true });
      rmSync(kept, { recursive: true });
      await to.stop();
      await to.start();
    }
  },
};

async function again() {
  await to.stop();
  await to.start();
}

// Each time that such a frame comes: one that breaks once is tried again.
async function cut(at, selection) {
  let met = 0;
  doors.to.forget({ before: (_, word) => (word === at && ++met ? 'cut' : undefined) });
  const outcome = await transfer(selection);
  if (met === 0) throw new Error(`there is no ${at}`);
  return outcome;
}

async function judge(name, before) {
  for (const door of Object.values(doors)) door.forget();
  const [running, code, kind, words, after] = await cases[name]();
  const outcome = await running;
  await after?.();
  for (const door of Object.values(doors)) door.forget();
  const error = report(outcome)?.error;
  const said = `${error?.message}; ${error?.hint}`;
  const wrong = [];
  if (outcome.code !== code) wrong.push(`exit ${outcome.code}, not ${code}`);
  if (error?.code !== kind) wrong.push(`error ${error?.code}, not ${kind}`);
  if (!said.includes(words)) wrong.push(`it does not say "${words}"`);
  if ([from.token, to.token, ...Object.values(tokens)].some((secret) => (outcome.stdout + outcome.stderr).includes(secret))) wrong.push('a token is told');
  const healthy = await to.healthy();
  if (!healthy) wrong.push('production does not answer any more');
  const found = differences(before, to.state()).filter(({ kind }) => kind !== 'soft');
  // Bytes on a disk are in no transaction; nothing uses them.
  const changed = found.filter(({ kind, text }) => !(kind === 'file' && text === 'came to the disk'));
  if (changed.length > 0) wrong.push(`production is not as it was: ${told(changed).slice(0, 600)}`);
  console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(48)} exit ${outcome.code}: ${error?.message}`.slice(0, 260));
  if (found.length > 0) await (healthy ? to.restore() : Promise.reject(new Error('production cannot be brought back')));
  for (const text of wrong) console.log(`         ${text}`);
  if (wrong.length > 0) console.log(`         it says: ${said.slice(0, 600)} ${outcome.stderr.slice(-300)}`);
  return wrong.length;
}

let bad = 0;
const began = Date.now();
const tokens = {};
try {
  await Promise.all([from.start(), to.start(), doors.from.start(), doors.to.start()]);
  for (const [name, permissions] of [['pull', ['pull']], ['push', ['push']], ['expired', ['pull', 'push']]]) tokens[name] = await token(to, `${name}-${began}`, permissions);
  tokens.sourcePush = await token(from, `push-${began}`, ['push']);
  expire(to, `expired-${began}`);
  await to.keep();
  const before = to.state();
  const chosen = Object.keys(cases).filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
  for (const name of chosen) {
    try {
      if ((await judge(name, before)) > 0) bad += 1;
    } catch (error) {
      bad += 1;
      console.log(`FAILED ${name}: ${error.message}`);
      await to.restore();
    }
  }
  console.log(`${chosen.length - bad} of ${chosen.length} faults told as they should be, production untouched (${((Date.now() - began) / 1000).toFixed(0)} s)`);
} catch (error) {
  bad += 1;
  console.error(error);
} finally {
  for (const door of Object.values(doors)) door.stop();
  await Promise.all([from.stop(), to.stop()]);
  rmSync(work, { recursive: true, force: true });
}
process.exit(bad === 0 ? 0 : 1);
