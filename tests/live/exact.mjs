// exact.mjs LEFT RIGHT   both archives hold the same members and lines, byte for byte, apart from their order and from the
// time at which they were made. Keys: KEY_LEFT and KEY_RIGHT.
import { createHash } from 'node:crypto';
import { open } from './archive.mjs';

const [left, right] = process.argv.slice(2);
// A counter of uploads with a weekly schedule: the server may count in between.
const counter = /"key":"plugin_upload_metrics"/;

function parts(path, key) {
  const parts = new Map();
  for (const { name, content } of open(path, key)) {
    const rows = name.endsWith('.jsonl');
    const part = rows ? name.split('/')[0] : name;
    const text = () => content.toString('utf8');
    const lines = rows
      ? text().split('\n').filter((line) => line !== '' && !counter.test(line))
      : [name === 'metadata.json' ? text().replace(/"createdAt": "[^"]*"/, '') : createHash('sha256').update(content).digest('hex')];
    parts.set(part, [...(parts.get(part) ?? []), ...lines]);
  }
  for (const lines of parts.values()) lines.sort();
  return parts;
}

const [a, b] = [parts(left, process.env.KEY_LEFT), parts(right, process.env.KEY_RIGHT)];
const wrong = [];
for (const part of new Set([...a.keys(), ...b.keys()])) {
  const [ours, theirs] = [a.get(part) ?? [], b.get(part) ?? []];
  if (ours.join('\n') === theirs.join('\n')) continue;
  const [known, there] = [new Set(ours), new Set(theirs)];
  wrong.push(`${part}: ${ours.length} and ${theirs.length}`);
  wrong.push(...ours.filter((line) => !there.has(line)).slice(0, 3).map((line) => `  only left: ${line.slice(0, 400)}`));
  wrong.push(...theirs.filter((line) => !known.has(line)).slice(0, 3).map((line) => `  only right: ${line.slice(0, 400)}`));
}
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
const lines = [...a.values()].reduce((sum, lines) => sum + lines.length, 0);
console.log(`the same: ${a.size} members, ${lines} lines and files (${left}, ${right})`);
