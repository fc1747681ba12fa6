// A server of a project as this process's child, with its baseline: started, brought back to the baseline while it runs, stopped.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { read } from './state.mjs';

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

export class Server {
  constructor(project) {
    this.project = resolve(project);
    this.database = join(this.project, '.tmp/data.db');
    this.baseline = join(this.project, '.baseline');
    this.uploads = join(this.project, 'public/uploads');
    this.token = readFileSync(join(this.project, '.tmp/token'), 'utf8').trim();
    this.tables = JSON.parse(readFileSync(join(this.project, '.tmp/tables.json'), 'utf8'));
  }

  async start(more = {}) {
    this.port ??= await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    const log = openSync(`${this.project}.log`, 'a');
    const env = { ...process.env, HOST: '127.0.0.1', PORT: String(this.port), NODE_ENV: 'production', ...more };
    this.child = spawn(process.execPath, ['node_modules/@strapi/strapi/bin/strapi.js', 'start'], { cwd: this.project, env, stdio: ['ignore', log, log] });
    this.child.on('exit', () => (this.ended = true));
    this.ended = false;
    for (let tries = 0; tries < 300; tries++) {
      if (this.ended) break;
      if (await this.answers('/_health')) return;
      await new Promise((done) => setTimeout(done, 200));
    }
    throw new Error(`the server of ${this.project} did not start: see ${this.project}.log`);
  }

  async answers(path) {
    return fetch(this.url + path, { signal: AbortSignal.timeout(5000) }).then((answer) => answer.status < 500, () => false);
  }

  // Alive, and not held up by a transaction that somebody left open.
  healthy() {
    return !this.ended && this.answers('/api/tags');
  }

  async stop(signal = 'SIGTERM') {
    if (!this.child || this.ended) return;
    const over = new Promise((done) => this.child.once('exit', done));
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await over;
    clearTimeout(late);
  }

  open(options) {
    return new (createRequire(join(this.project, 'package.json'))('better-sqlite3'))(this.database, options);
  }

  async keep() {
    rmSync(this.baseline, { recursive: true, force: true });
    mkdirSync(this.baseline, { recursive: true });
    await this.copy(this.database, join(this.baseline, 'data.db'));
    cpSync(this.uploads, join(this.baseline, 'uploads'), { recursive: true, preserveTimestamps: true });
  }

  // Page by page into the open file, as SQLite's own backup does it: the server needs no restart.
  async restore() {
    await this.copy(join(this.baseline, 'data.db'), this.database);
    for (const name of readdirSync(join(this.project, 'public'))) {
      if (name.startsWith('uploads_backup_')) rmSync(join(this.project, 'public', name), { recursive: true });
    }
    rmSync(this.uploads, { recursive: true, force: true });
    cpSync(join(this.baseline, 'uploads'), this.uploads, { recursive: true, preserveTimestamps: true });
  }

  async copy(from, to) {
    const Database = createRequire(join(this.project, 'package.json'))('better-sqlite3');
    const source = new Database(from, { readonly: true });
    try {
      await source.backup(to);
    } finally {
      source.close();
    }
  }

  state() {
    return read(this.project);
  }
}
