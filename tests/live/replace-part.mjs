// replace-part.mjs BEFORE SOURCE AFTER types A,B | config | content     archives of Strapi's own export of one destination before
// and after a replace of a part, and of what it was replaced by. What was named is as at the source, and nothing else of it is
// there; everything else is as it was.
//   types     these types; what they need is added where it is missing, and nothing is added that the source does not have
//   config    values of the core store and webhooks
//   content   everything but media and configuration; relations lead to the files that the destination had, by their bytes
import { meaning, open } from './archive.mjs';

const [before, source, after] = process.argv.slice(2, 5).map((path) => meaning(open(path)).facts);
const [part, list] = process.argv.slice(5);
// Values that a server draws or adds by itself.
const own = /^core-store (plugin_upload_metrics|plugin_upload_settings|strapi_content_types_schema) /;

const isSetting = (name) => /^(core-store|webhook) /.test(name);
const isMedia = (name) => /^(plugin::upload\.|assets\/)/.test(name);
const isSchema = (name) => name.startsWith('schema ');
const named = {
  types: (name) => list.split(',').some((uid) => name.startsWith(`${uid} `)),
  config: isSetting,
  content: (name) => !isSetting(name) && !isMedia(name) && !isSchema(name),
}[part];

// A record of a file that is not replaced stands for its bytes: what needs it takes one that the destination has already.
function bytes(facts, target) {
  const { hash, ext } = JSON.parse(facts.get(target) ?? '{}');
  return facts.get(`assets/uploads/${hash}${ext}`) ?? target;
}
const isRelation = (name) => name.includes(' -> ');
const filesBefore = new Set([...before].filter(([name]) => name.startsWith('assets/uploads/')).map(([, sum]) => sum));

// What a fact says, as far as it can be said at the destination.
function said(name, facts) {
  const fact = facts.get(name);
  if (fact === undefined || part === 'config' || !isRelation(name)) return fact;
  const can = (target) => part !== 'content' || !isMedia(target) || before.has(target) || filesBefore.has(bytes(facts, target));
  const targets = JSON.parse(fact).filter(can).map((target) => bytes(facts, target));
  return targets.length === 0 ? undefined : JSON.stringify(targets);
}

const wrong = [];
const same = (what, name, wanted, found) => {
  if (wanted !== found) wrong.push(`${what}: ${name}\n  ${String(wanted).slice(0, 300)}\n  ${String(found).slice(0, 300)}`);
};
let counted = 0;
for (const name of new Set([...before.keys(), ...source.keys(), ...after.keys()])) {
  if (own.test(name)) continue;
  counted += 1;
  if (named(name)) same('named', name, said(name, source), said(name, after));
  else if (before.has(name)) same('kept', name, before.get(name), after.get(name));
  else if (after.has(name) && part === 'types') same('added', name, source.get(name), after.get(name));
  else same('made up', name, undefined, after.get(name));
}
if (![...before.keys()].some((name) => named(name) && !own.test(name) && before.get(name) !== source.get(name)))
  wrong.push('nothing was to be replaced: this shows nothing');
if (wrong.length > 0) {
  console.error(wrong.slice(0, 20).join('\n'));
  console.error(`${wrong.length} of ${counted} facts are wrong after a replace of ${part} ${list ?? ''}`);
  process.exit(1);
}
console.log(`replaced ${part} ${list ?? ''}: ${counted} facts are as they have to be`);
