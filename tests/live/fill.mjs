// fill.mjs PROJECT ENTRIES MIB   writes so many articles, each in a category, and so much media straight into the database and
// the folder of files of a project that is not running.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [project, entries, mebibytes] = [resolve(process.argv[2]), Number(process.argv[3]), Number(process.argv[4])];
const Database = createRequire(join(project, 'package.json'))('better-sqlite3');
const database = new Database(join(project, '.tmp/data.db'));
const now = Date.now();
const id = () => randomBytes(16).toString('hex').slice(0, 24);

database.transaction(() => {
  const article = database.prepare(
    'insert into articles (document_id, title, description, slug, created_at, updated_at, published_at) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const link = database.prepare('insert into articles_category_lnk (article_id, category_id, article_ord) values (?, ?, ?)');
  const categories = database.prepare('select id from categories').all();
  const text = 'What stands in an article, again and again. '.repeat(6);
  for (let n = 0; n < entries; n++) {
    const { lastInsertRowid } = article.run(id(), `Article ${n}`, text, `article-${n}`, now, now, null);
    link.run(lastInsertRowid, categories[n % categories.length].id, n);
  }
  const file = database.prepare(
    `insert into files (document_id, name, hash, ext, mime, size, url, provider, folder_path, created_at, updated_at, published_at)
     values (?, ?, ?, '.bin', 'application/octet-stream', ?, ?, 'local', '/', ?, ?, ?)`,
  );
  mkdirSync(join(project, 'public/uploads'), { recursive: true });
  const each = 8;
  for (let n = 0; n < mebibytes / each; n++) {
    const [hash, bytes] = [`big_${n}_${randomBytes(5).toString('hex')}`, randomBytes(each * 1024 * 1024)];
    writeFileSync(join(project, 'public/uploads', `${hash}.bin`), bytes);
    file.run(id(), `big ${n}.bin`, hash, Math.round(bytes.length / 10) / 100, `/uploads/${hash}.bin`, now, now, now);
  }
})();
console.log(`${entries} articles, ${mebibytes} MiB of files`);
