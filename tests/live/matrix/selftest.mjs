// selftest.mjs STAGING PRODUCTION   does the reader see each kind of damage, and does the model leave alone what was not
// written? Needs no server: every damage is done to a copy of production's database or files.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { differences, told } from './diff.mjs';
import { documentOf, expected } from './model.mjs';
import { id, key } from './names.mjs';
import { read } from './state.mjs';

const [stagingProject, production] = process.argv.slice(2).map((path) => resolve(path));
const copy = `${production}-damaged`;
const Database = createRequire(join(production, 'package.json'))('better-sqlite3');
const row = (table, name, more = '') => `SELECT id FROM ${table} WHERE document_id = '${id(name)}' ${more} LIMIT 1`;
const one = (table, name, more) => `id = (${row(table, name, more)})`;
const keeper = row('things', 'thing-keeper', "AND locale = 'en' AND published_at IS NULL");
const refOfKeeper = `SELECT cmp_id FROM things_cmps WHERE entity_id = (${keeper}) AND field = 'ref'`;
const file = (name) => (folder) => join(folder, readdirSync(folder).find((entry) => entry.startsWith(`${name}_`)));
const swap = (table, order, where) => `UPDATE ${table} SET ${order} = 100 - ${order} WHERE ${where}`;

// What is done, and the kind of difference that must be told, alone or first among others.
const damages = [
  ['a scalar', `UPDATE parts SET name = 'x' WHERE ${one('parts', 'part-same')}`, 'field'],
  ['a null that was a value', `UPDATE tags SET price = NULL WHERE ${one('tags', 'tag-same')}`, 'field'],
  ['the last digit of a big integer', `UPDATE tags SET big = big + 1 WHERE ${one('tags', 'tag-same')}`, 'field'],
  ['the order of keys in JSON', `UPDATE tags SET extra = '{"ü":"漢字","k":[1,2,{"z":null}]}' WHERE ${one('tags', 'tag-same')}`, 'field'],
  ['the time of a change', `UPDATE tags SET updated_at = updated_at + 1 WHERE ${one('tags', 'tag-same')}`, 'field'],
  ['the time of creation', `UPDATE things SET created_at = created_at + 1 WHERE ${one('things', 'thing-same')}`, 'field'],
  ['the time of publication', `UPDATE tags SET published_at = published_at + 1 WHERE ${one('tags', 'tag-root', 'AND published_at IS NOT NULL')}`, 'field'],
  ['who changed it, now somebody else', `UPDATE things SET updated_by_id = NULL WHERE ${one('things', 'thing-same')}`, 'soft'],
  ['a lost document', `DELETE FROM parts WHERE ${one('parts', 'part-about')}`, 'lost row'],
  ['a lost locale', `DELETE FROM tags WHERE ${one('tags', 'tag-loner', '')} OR ${one('tags', 'tag-local', "AND locale = 'fr'")}`, 'lost row'],
  ['a lost published version', `DELETE FROM tags WHERE ${one('tags', 'tag-unpub', 'AND published_at IS NOT NULL')}`, 'lost row'],
  ['a draft that became published', `UPDATE tags SET published_at = 1 WHERE ${one('tags', 'tag-draft')}`, 'lost row'],
  ['a document that was not there', `INSERT INTO parts (document_id, name) VALUES ('new', 'new')`, 'extra row'],
  ['a row that is there twice', `INSERT INTO parts (document_id, name, created_at, updated_at, published_at) SELECT document_id, name, created_at, updated_at, published_at FROM parts WHERE ${one('parts', 'part-about')}`, 'extra row'],
  ['another documentId', `UPDATE parts SET document_id = 'other' WHERE ${one('parts', 'part-about')}`, 'lost row'],
  ['another locale', `UPDATE tags SET locale = 'de' WHERE ${one('tags', 'tag-draft')}`, 'lost row'],
  ['a lost locale of a row', `UPDATE tags SET locale = NULL WHERE ${one('tags', 'tag-draft')}`, 'lost row'],
  ['a lost many-to-many relation', `DELETE FROM things_tags_lnk WHERE id = (SELECT max(id) FROM things_tags_lnk)`, 'relation'],
  ['an added many-to-many relation', `INSERT INTO things_tags_lnk (thing_id, tag_id, tag_ord, thing_ord) VALUES ((${row('things', 'thing-same')}), (${row('tags', 'tag-same')}), 1, 1)`, 'relation'],
  ['a relation to the published row instead of the draft', `UPDATE things_tags_lnk SET tag_id = (${row('tags', 'tag-mm1', "AND locale = 'en' AND published_at IS NOT NULL")}) WHERE thing_id = (${keeper}) AND tag_id = (${row('tags', 'tag-mm1', "AND locale = 'en' AND published_at IS NULL")})`, 'relation'],
  ['the order at the owner', swap('things_tags_lnk', 'tag_ord', `thing_id = (${keeper})`), 'order'],
  ['the order at the other end', swap('things_tags_lnk', 'thing_ord', `tag_id = (${row('tags', 'tag-mm2', "AND locale = 'en' AND published_at IS NULL")})`), 'order'],
  ['the order of children', swap('tags_parent_lnk', 'tag_ord', `inv_tag_id = (${row('tags', 'tag-root', "AND locale = 'en' AND published_at IS NULL")})`), 'order'],
  ['the order of a relation of one side', swap('things_labels_lnk', 'tag_ord', `thing_id = (${keeper})`), 'order'],
  ['a lost parent', `DELETE FROM tags_parent_lnk WHERE id = (SELECT min(id) FROM tags_parent_lnk)`, 'relation'],
  ['a lost relation of one side', `DELETE FROM things_maker_lnk WHERE thing_id = (${keeper})`, 'relation'],
  ['a lost twin', `DELETE FROM things_twin_lnk WHERE thing_id = (${keeper})`, 'relation'],
  ['a second twin', `INSERT INTO things_twin_lnk (thing_id, part_id) VALUES ((${keeper}), (${row('parts', 'part-same')}))`, 'relation'],
  ['a lost relation in a component', `DELETE FROM components_lab_refs_tag_lnk WHERE ref_id = (${refOfKeeper})`, 'relation'],
  ['the order in a component', swap('components_lab_refs_parts_lnk', 'part_ord', `ref_id = (${refOfKeeper})`), 'order'],
  ['a lost polymorphic relation', `UPDATE things SET target_id = NULL, target_type = NULL WHERE id = (${keeper})`, 'relation'],
  ['another target of a polymorphic relation', `UPDATE things SET target_id = target_id + 1 WHERE id = (${keeper})`, 'relation'],
  ['a lost one of several', `DELETE FROM things_subjects_mph WHERE id = (SELECT min(id) FROM things_subjects_mph WHERE thing_id = (${keeper}))`, 'relation'],
  ['the order of several', swap('things_subjects_mph', '"order"', `thing_id = (${keeper})`), 'order'],
  ['a lost component', `DELETE FROM things_cmps WHERE entity_id = (${keeper}) AND field = 'ref'`, 'component'],
  ['a component of its own kind lost in a list', `DELETE FROM things_cmps WHERE id = (SELECT min(id) FROM things_cmps WHERE entity_id = (${keeper}) AND field = 'refs')`, 'component'],
  ['a component nobody holds', `INSERT INTO components_lab_refs (note) VALUES ('left behind')`, 'litter'],
  ['a field of a component', `UPDATE components_lab_refs SET note = 'x' WHERE id = (${refOfKeeper})`, 'field'],
  ['the order of a dynamic zone', swap('things_cmps', '"order"', `entity_id = (${keeper}) AND field = 'zone'`), 'field'],
  ['a component in a component lost', `DELETE FROM components_lab_refs_cmps WHERE entity_id = (${refOfKeeper})`, 'component'],
  ['lost media', `DELETE FROM files_related_mph WHERE related_id = (${keeper}) AND related_type = 'api::thing.thing' AND field = 'cover'`, 'relation'],
  ['the order of media', swap('files_related_mph', '"order"', `related_id = (${keeper}) AND related_type = 'api::thing.thing' AND field = 'gallery'`), 'order'],
  ['lost media of a component', `DELETE FROM files_related_mph WHERE id = (SELECT min(id) FROM files_related_mph WHERE related_type = 'lab.ref' AND related_id = (${refOfKeeper}))`, 'relation'],
  ['media of a row that is gone', `INSERT INTO files_related_mph (file_id, related_id, related_type, field, "order") SELECT id, 99999, 'api::thing.thing', 'cover', 1 FROM files LIMIT 1`, 'soft'],
  ['a caption', `UPDATE files SET caption = 'x' WHERE ${one('files', 'file-cap')}`, 'field'],
  ['the folder of a file', `DELETE FROM files_folder_lnk WHERE id = (SELECT min(id) FROM files_folder_lnk)`, 'relation'],
  ['the path of a folder', `UPDATE upload_folders SET path = '/9' WHERE ${one('upload_folders', 'folder-press')}`, 'field'],
  ['a lost row of a file', `DELETE FROM files WHERE ${one('files', 'file-avatar')}`, 'lost row'],
  ['a lost file', (folder) => rmSync(file('avatar')(folder)), 'file'],
  ['other bytes', (folder) => writeFileSync(file('shared')(folder), 'other'), 'file'],
  ['a lost rendition', (folder) => rmSync(file('thumbnail_pic')(folder)), 'file'],
  ['a file that nothing accounts for', (folder) => writeFileSync(join(folder, 'new.png'), 'new'), 'file'],
  ['a setting', `UPDATE strapi_core_store_settings SET value = '{}' WHERE key = 'plugin_haul_of_production'`, 'setting'],
  ['a lost setting', `DELETE FROM strapi_core_store_settings WHERE key LIKE 'plugin_content_manager%thing.thing'`, 'setting'],
  ['a setting that is there twice', `INSERT INTO strapi_core_store_settings (key, value, type) SELECT key, value, type FROM strapi_core_store_settings WHERE key = 'plugin_upload_settings'`, 'setting'],
  ['a lost permission', `DELETE FROM up_permissions WHERE action = 'api::tag.tag.find'`, 'lost row'],
  ['a permission of another role', `UPDATE up_permissions_role_lnk SET role_id = 1 WHERE id = (SELECT max(id) FROM up_permissions_role_lnk)`, 'relation'],
  ['a lost administrator', `DELETE FROM admin_users`, 'lost row'],
  ['the hash of a password', `UPDATE up_users SET password = 'x' WHERE ${one('up_users', 'user-same')}`, 'field'],
  ['the role of a user', `UPDATE up_users_role_lnk SET role_id = 2 WHERE user_id = (${row('up_users', 'user-boris')})`, 'relation'],
  ['a webhook', `INSERT INTO strapi_webhooks (name, url) VALUES ('x', 'http://x')`, 'internal'],
];

function damaged(damage) {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(join(copy, 'public'), { recursive: true });
  cpSync(join(production, '.tmp'), join(copy, '.tmp'), { recursive: true });
  cpSync(join(production, 'public/uploads'), join(copy, 'public/uploads'), { recursive: true });
  cpSync(join(production, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(production, 'node_modules'), join(copy, 'node_modules'));
  if (typeof damage === 'function') damage(join(copy, 'public/uploads'));
  else {
    const db = new Database(join(copy, '.tmp/data.db'));
    const { changes } = db.prepare(damage).run();
    db.close();
    if (changes === 0) throw new Error(`nothing is changed by ${damage}`);
  }
  return read(copy);
}

const [staging, before] = [read(stagingProject), read(production)];
const tables = JSON.parse(readFileSync(join(production, '.tmp/tables.json')));
const wrong = [];
const nothing = differences(expected(staging, before, tables, { writes: {} }), before);
if (nothing.length > 0) wrong.push(`a merge of nothing changes something:\n${told(nothing)}`);

// Every document over itself: only who made it may differ.
const content = Object.keys(staging.rows).filter((name) => !name.startsWith('admin::')).map(documentOf);
const writes = Object.fromEntries(content.map((document) => [document, { decision: 'overwrite', as: document }]));
const itself = differences(expected(staging, staging, tables, { writes }), staging);
if (itself.length > 0) wrong.push(`a merge of staging into itself changes something:\n${told(itself)}`);

// One document changes alone: nothing but its own rows, and the other ends of what it owns.
const plain = { [key('part-plain')]: { decision: 'overwrite', as: key('part-plain') } };
const alone = differences(expected(staging, before, tables, { writes: plain }), before);
if (alone.length === 0 || !alone.every(({ where }) => where.startsWith(key('part-plain')))) wrong.push(`one document:\n${told(alone)}`);

for (const [name, damage, kind] of damages) {
  try {
    const found = differences(before, damaged(damage));
    if (!found.some((one) => one.kind === kind)) wrong.push(`${name}: not told as ${kind}: ${told(found).slice(0, 300) || 'nothing at all'}`);
  } catch (error) {
    wrong.push(`${name}: ${error.message}`);
  }
}
rmSync(copy, { recursive: true, force: true });
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
console.log(`${damages.length} kinds of damage are seen; the model leaves alone what was not written`);
