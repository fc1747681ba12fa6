// What production has to be after a merge into 4.26.2, worked out from the states before it. Shares no code with Haul.
//
// - A written row is as in staging; what it leads to is what is called the same in production, or is left out.
// - Every other row is as before. The side that holds the relation's table owns it: nobody who stays gets or loses a relation,
//   unless its target went with a locale.
// - In a relation of one to one, whoever stays keeps its partner.
const typeOf = (name) => name.slice(0, name.indexOf('/'));
const owns = (attribute) => !attribute.mappedBy && !attribute.morphBy;

// `written`: rows of staging that are created or overwritten; `gone`: rows of production that are overwritten.
export function expected(staging, production, schemas, { written, gone }) {
  const rows = {};
  let lost = 0;
  const names = new Set([...Object.keys(production.rows).filter((name) => !gone.has(name)), ...written]);
  const led = (type, record) => {
    const carried = {};
    for (const [field, value] of Object.entries(record)) {
      const attribute = schemas[type].attributes[field];
      if (value?.refs) {
        carried[field] = { refs: value.refs.filter((ref) => names.has(ref)) };
        if (owns(attribute)) lost += value.refs.length - carried[field].refs.length;
      } else if (attribute?.type === 'component' || attribute?.type === 'dynamiczone') {
        const one = (item) => item && { component: item.component, ...led(item.component, without(item)) };
        carried[field] = Array.isArray(value) ? value.map(one) : one(value);
      } else carried[field] = value;
    }
    return carried;
  };
  for (const name of names) rows[name] = led(typeOf(name), (written.has(name) ? staging : production).rows[name]);
  lost += onePartner(rows, schemas, written);
  return { rows, settings: production.settings, inverse: inverse(rows, schemas), lost };
}

const without = ({ component, ...rest }) => rest;

function onePartner(rows, schemas, written) {
  let lost = 0;
  for (const [type, { attributes }] of Object.entries(schemas)) {
    for (const [field, attribute] of Object.entries(attributes)) {
      if (attribute.relation !== 'oneToOne' || !attribute.inversedBy) continue;
      const owners = Object.keys(rows).filter((name) => typeOf(name) === type);
      const kept = new Set(owners.filter((name) => !written.has(name)).flatMap((name) => rows[name][field].refs));
      for (const name of owners.filter((name) => written.has(name))) {
        const left = rows[name][field].refs.filter((ref) => !kept.has(ref));
        lost += rows[name][field].refs.length - left.length;
        rows[name][field] = { refs: left };
      }
    }
  }
  return lost;
}

// Who leads to each row through each field that has another side: name and field to the owners.
function inverse(rows, schemas) {
  const found = {};
  for (const [name, row] of Object.entries(rows)) {
    for (const [field, attribute] of Object.entries(schemas[typeOf(name)].attributes)) {
      if (!row[field]?.refs || !attribute.inversedBy) continue;
      for (const ref of row[field].refs) (found[`${ref} ${attribute.inversedBy}`] ??= []).push(name);
    }
  }
  return found;
}

// What differs, in words. `copies` are rows of staging that have one more beside them.
export function differences(plan, before, actual, staging, schemas, { written, copies }) {
  const wrong = [];
  const text = (value) => JSON.stringify(value);
  const left = new Set(Object.keys(actual.rows));
  for (const [name, row] of Object.entries(plan.rows)) {
    if (!left.delete(name)) {
      wrong.push(`${name} is missing`);
      continue;
    }
    for (const [field, value] of Object.entries(row)) {
      const attribute = schemas[typeOf(name)].attributes[field];
      const found = actual.rows[name][field];
      if (owns(attribute) && field !== 'localizations') {
        if (text(found) !== text(value)) wrong.push(`${name} ${field}: ${text(found)}, expected ${text(value)}`);
        continue;
      }
      const owners = field === 'localizations' ? value.refs : (plan.inverse[`${name} ${field}`] ?? []);
      const fresh = [...copies].flatMap((copy) => [`${copy} #2`, copy]);
      const real = found.refs.filter((ref) => owners.includes(ref) || !fresh.some((copy) => typeOf(copy) === typeOf(ref)));
      if (text([...real].sort()) !== text([...owners].sort())) wrong.push(`${name} ${field}: ${text(found.refs)}, expected of ${text(owners)}`);
      // The order of what stays, in the list of what stays.
      const order = (before.rows[name]?.[field]?.refs ?? []).filter((ref) => real.includes(ref));
      if (!written.has(name) && text(real.filter((ref) => order.includes(ref))) !== text(order)) wrong.push(`${name} ${field}: the order is ${text(real)}, was ${text(order)}`);
    }
  }
  for (const copy of copies) {
    const own = new Set(['title', 'label', 'slug', 'name', 'createdAt', 'localizations']);
    const alike = (name) => Object.entries(staging.rows[copy]).every(([field, value]) => {
      const attribute = schemas[typeOf(copy)].attributes[field];
      const shown = value?.refs ? { refs: value.refs.filter((ref) => plan.rows[ref]) } : value;
      return own.has(field) || !owns(attribute) || (attribute.relation === 'oneToOne' && attribute.inversedBy) || /component|dynamiczone/.test(attribute.type) || text(actual.rows[name][field]) === text(shown);
    });
    const found = [...left].find((name) => typeOf(name) === typeOf(copy) && alike(name));
    if (!found || !left.delete(found)) wrong.push(`no copy of ${copy}; beside what was planned there is ${text([...left])}`);
  }
  wrong.push(...[...left].map((name) => `${name} was not planned`));
  if (text(plan.settings) !== text(actual.settings)) wrong.push('settings have changed');
  for (const [name, sum] of Object.entries(before.disk)) if (actual.disk[name] !== sum) wrong.push(`the file ${name} has changed`);
  for (const name of Object.keys(plan.rows).filter((name) => typeOf(name) === 'plugin::upload.file')) {
    const { hash, ext } = actual.rows[name] ?? {};
    const wanted = (written.has(name) ? staging.disk : before.disk)[`${plan.rows[name].hash}${plan.rows[name].ext}`];
    if (actual.disk[`${hash}${ext}`] !== wanted) wrong.push(`the bytes of ${name} are not those that were planned`);
  }
  return wrong;
}
