// compare.mjs LEFT RIGHT [--within [PATTERN]]   every fact of LEFT is in RIGHT and equal, but for those that the pattern fits;
//                                     without --within also the reverse.
// compare.mjs LEFT RIGHT --types A,B  LEFT holds everything of these types that RIGHT holds, their files included.
// Keys of archives: KEY_LEFT and KEY_RIGHT.
import { meaning, open } from './archive.mjs';

const [left, right, mode, list] = process.argv.slice(2);
const [a, b] = [meaning(open(left, process.env.KEY_LEFT)), meaning(open(right, process.env.KEY_RIGHT))];

// A counter of uploads with a weekly schedule that every server draws anew.
const ownToServer = /^core-store plugin_upload_metrics /;
const leftOut = mode === '--within' && list ? new RegExp(list) : null;

const wrong = [];
const covers = (one, other, wanted, what) => {
  for (const [name, fact] of one.facts) {
    if (ownToServer.test(name) || leftOut?.test(name) || !wanted(name)) continue;
    if (!other.facts.has(name)) wrong.push(`${what}: ${name}`);
    else if (other.facts.get(name) !== fact) {
      wrong.push(`differs: ${name}\n  ${fact.slice(0, 400)}\n  ${other.facts.get(name).slice(0, 400)}`);
    }
  }
};

if (mode === '--types') {
  const types = list.split(',');
  covers(b, a, (name) => types.some((type) => name.startsWith(`${type} `)), 'was left out');
  covers(a, b, () => true, 'was made up');
} else {
  covers(a, b, () => true, 'is lost');
  if (mode !== '--within') covers(b, a, () => true, 'is new');
}
if (wrong.length > 0) {
  console.error(wrong.slice(0, 20).join('\n'));
  console.error(`${wrong.length} differences between ${left} and ${right}`);
  process.exit(1);
}
console.log(`equal: ${a.facts.size} and ${b.facts.size} facts (${left}, ${right})`);
