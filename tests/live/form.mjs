// form.mjs ARCHIVE   the form that Strapi's own exporter gives an archive: order of members, headers, ends of chunks.
import { open } from './archive.mjs';
import assert from 'node:assert/strict';

const members = open(process.argv[2], process.env.KEY_LEFT);
const parts = ['schemas', 'entities', 'assets', 'links', 'configuration', 'metadata.json'];
let before = 0;
for (const { name, content, header } of members) {
  const part = parts.findIndex((part) => name.startsWith(part));
  assert(part >= before, `${name} is out of order`);
  before = part;
  assert.equal(header.toString('latin1', 100, 107), '0000644');
  assert.equal(header.toString('latin1', 257, 263), 'ustar\0');
  if (!name.endsWith('.jsonl')) continue;
  assert.equal(content[0] === 10, !name.endsWith('_00001.jsonl'), `${name} begins wrongly`);
  assert.notEqual(content.at(-1), 10, `${name} ends in a line feed`);
  assert(!/"(left|right)":\{"type":"admin::/.test(content) && !/^\{"type":"admin::/m.test(content), `${name} holds users`);
}
assert.equal(members.at(-1).name, 'metadata.json');
console.log(`${members.length} members in form (${process.argv[2]})`);
