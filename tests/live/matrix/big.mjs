// big.mjs PROJECT ENTRIES MIB LINKS   so many things with a component each, and so much media, straight into the database and the
// folder of files of a project that is not running. Every tenth is published too. As many have a tag, a home and a picture as make about
// so many links, and so have the first ten, with the ids of thing-big0x…, so that a merge can pick them. Every row has one link besides,
// that to its other locales.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { id } from './names.mjs';

const project = resolve(process.argv[2]);
const [entries, mebibytes, links] = process.argv.slice(3).map(Number);
const database = new (createRequire(join(project, 'package.json'))('better-sqlite3'))(join(project, '.tmp/data.db'));
const uploads = join(project, 'public/uploads');
const [now, fileMebibytes] = [Date.now(), Number(process.env.BIG_FILE ?? 1)];
// A thing with links is published, and has three in each version.
const every = 10 * Math.max(1, Math.ceil((6 * entries) / links / 10));
// So that what is merged differs.
const only = entries === 10 ? ' of staging' : '';
const any = () => randomBytes(12).toString('hex');
const insert = (table, row) => {
  const columns = Object.keys(row);
  const sql = `insert into ${table} (${columns.map((column) => `"${column}"`).join()}) values (${columns.map(() => '?').join()})`;
  statements[sql] ??= database.prepare(sql);
  return Number(statements[sql].run(...Object.values(row)).lastInsertRowid);
};
const statements = {};
const times = { created_at: now, updated_at: now };

database.transaction(() => {
  mkdirSync(uploads, { recursive: true });
  const files = [];
  for (let n = 0; n < Math.max(1, mebibytes / fileMebibytes); n++) {
    const [hash, bytes] = [`big_${n}_${any().slice(0, 10)}`, randomBytes(mebibytes === 0 ? 1000 : fileMebibytes * 1024 * 1024)];
    writeFileSync(join(uploads, `${hash}.bin`), bytes);
    const row = { document_id: any(), name: `big ${n}.bin`, hash, ext: '.bin', mime: 'application/octet-stream', size: Math.round(bytes.length / 10) / 100 };
    files.push(insert('files', { ...row, url: `/uploads/${hash}.bin`, provider: 'local', folder_path: '/', ...times, published_at: now }));
  }
  const parts = Array.from({ length: 100 }, (_, n) => insert('parts', { document_id: id(`part-big${n}x`), name: `Big part ${n}`, ...times, published_at: now }));
  const tags = [null, now].map((published_at) =>
    Array.from({ length: 100 }, (_, n) => insert('tags', { document_id: id(`tag-big${n}x`), label: `Big tag ${n}`, ...times, published_at, locale: 'en' })),
  );
  const text = 'What stands in a note, again and again. '.repeat(5);
  for (let n = 0; n < entries; n++) {
    const document_id = n < 10 ? id(`thing-big${n}x`) : any();
    for (const [version, published_at] of [null, now].entries()) {
      if (published_at && n % 10 !== 0) continue;
      const thing = insert('things', { document_id, title: `Big thing ${n}${only}`, slug: `big-thing-${n}`, ...times, published_at, locale: 'en' });
      const ref = insert('components_lab_refs', { note: text });
      insert('things_cmps', { entity_id: thing, cmp_id: ref, component_type: 'lab.ref', field: 'ref', order: null });
      if (n >= 10 && n % every !== 0) continue;
      insert('things_tags_lnk', { thing_id: thing, tag_id: tags[version][n % 100], tag_ord: 1, thing_ord: n });
      insert('things_home_lnk', { thing_id: thing, part_id: parts[n % 100], thing_ord: n });
      insert('files_related_mph', { file_id: files[n % files.length], related_id: thing, related_type: 'api::thing.thing', field: 'cover', order: 1 });
    }
  }
})();
console.log(`${entries} things, ${mebibytes} MiB of files`);
