// The transfer protocol as the stand-in for Haul speaks it. Knows no merge.
import { createHash, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export class Session {
  // `project` lends its WebSocket client.
  static async open(project, url, token, direction) {
    const WebSocket = createRequire(join(project, 'node_modules/@strapi/data-transfer/package.json'))('ws');
    const session = new Session();
    session.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/transfer/runner/${direction}`, { headers: { authorization: `Bearer ${token}` } });
    session.waiting = new Map();
    session.warnings = [];
    session.socket.on('message', (message) => session.heard(JSON.parse(message)));
    session.socket.on('close', () => session.waiting.forEach(([, no]) => no(new Error('the socket was closed'))));
    await new Promise((ok, no) => session.socket.on('open', ok).on('error', no));
    return session;
  }

  heard(frame) {
    if (frame.diagnostic) {
      if (frame.diagnostic.kind !== 'info') this.warnings.push(frame.diagnostic.details.message);
    } else if (this.waiting.has(frame.uuid)) {
      const [ok, no] = this.waiting.get(frame.uuid);
      this.waiting.delete(frame.uuid);
      if (frame.error) no(new Error(frame.error.message));
      else ok(frame.data);
    } else this.data?.(frame);
  }

  send(frame) {
    const uuid = randomUUID();
    return new Promise((ok, no) => {
      if (this.socket.readyState !== 1) return no(new Error('the socket is closed'));
      this.waiting.set(uuid, [ok, no]);
      this.socket.send(JSON.stringify({ ...frame, uuid, ...(this.id && { transferID: this.id }) }));
    });
  }

  async command(command, params) {
    const answer = await this.send({ type: 'command', command, params: params ?? { transferID: this.id } });
    if (command === 'init') this.id = answer.transferID;
  }

  action(action) {
    return this.send({ type: 'transfer', kind: 'action', action });
  }

  step(action, step, data) {
    return this.send({ type: 'transfer', kind: 'step', action, step, data });
  }

  async end() {
    await this.action('close');
    await this.command('end');
    this.socket.close();
  }
}

// All rows of a stage.
async function stage(session, name) {
  const rows = [];
  const over = new Promise((done) => {
    session.data = ({ uuid, data }) => {
      if (data.data) rows.push(...data.data);
      session.socket.send(JSON.stringify({ uuid }));
      if (data.ended) done();
    };
  });
  await session.step('start', name);
  await over;
  await session.step('end', name);
  return rows;
}

export async function pull(project, url, token, stages = ['entities', 'links', 'configuration']) {
  const session = await Session.open(project, url, token, 'pull');
  await session.command('init', { transfer: 'pull', checksums: true });
  await session.action('bootstrap');
  const pulled = {};
  for (const name of stages) pulled[name] = await stage(session, name);
  await session.end();
  return pulled;
}

// Adds rows of files with their bytes and touches nothing else: `files` are {row, metadata, bytes}.
export async function addFiles(project, url, token, rows, files) {
  const session = await Session.open(project, url, token, 'push');
  const restore = { assets: true, configuration: { coreStore: false, webhook: false }, entities: { include: [] } };
  await session.command('init', { transfer: 'push', checksums: true, assetEncoding: 'base64', options: { strategy: 'restore', restore } });
  await session.action('bootstrap');
  await session.step('start', 'entities');
  await session.step('stream', 'entities', rows);
  await session.step('end', 'entities');
  await session.step('start', 'assets');
  for (const { metadata, bytes } of files) {
    const assetID = randomUUID();
    const filename = metadata.hash + metadata.ext;
    await session.step('stream', 'assets', [
      { action: 'start', assetID, data: { metadata, filename, filepath: filename, stats: { size: bytes.length } } },
      { action: 'stream', assetID, encoding: 'base64', data: bytes.toString('base64') },
      { action: 'end', assetID, checksum: { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') } },
    ]);
  }
  await session.step('end', 'assets');
  await session.end();
}

// Deletes what `where` names in the types of `include`, then pushes rows and links: one transaction.
export async function replace(project, url, token, { include, where, entities, links }) {
  const session = await Session.open(project, url, token, 'push');
  const restore = { assets: false, configuration: { coreStore: false, webhook: false }, entities: { include, params: { where } } };
  try {
    await session.command('init', { transfer: 'push', checksums: true, options: { strategy: 'restore', restore } });
    await session.action('bootstrap');
    if (include.length > 0) await session.action('beforeTransfer');
    for (const [name, rows] of [['entities', entities], ['links', links]]) {
      if (rows.length === 0) continue;
      await session.step('start', name);
      for (let n = 0; n < rows.length; n += 100) await session.step('stream', name, rows.slice(n, n + 100));
      await session.step('end', name);
    }
  } catch (error) {
    await session.action('rollback').catch(() => {});
    await session.end().catch(() => {});
    throw error;
  }
  await session.end();
  return session.warnings;
}
