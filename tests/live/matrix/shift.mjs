// Gives the rows of content other ids, so that a row id of one server means another row, or none, on the other.
const FAR = 1_000_000;

export async function shift(strapi, knex) {
  const all = [...strapi.db.metadata].map(([uid, meta]) => ({ uid, ...meta }));
  const moved = all.filter(({ uid }) => /^(api::|lab\.|shared\.|plugin::upload\.file$|plugin::users-permissions\.user$)/.test(uid));
  const by = new Map(moved.map(({ uid }, n) => [uid, 2 + (n % 5)]));
  const add = (table, column, amount, where = {}) => knex(table).where(where).whereNotNull(column).increment(column, amount);
  // Far away first: an id must be free when a row comes to it.
  const move = async (table, column, uid, where) => {
    await add(table, column, FAR, where);
    await add(table, column, by.get(uid) - FAR, where);
  };
  const done = new Set();
  const once = async (table, column, uid, where) => {
    const name = `${table} ${column} ${JSON.stringify(where ?? {})}`;
    if (!by.has(uid) || done.has(name)) return;
    done.add(name);
    await move(table, column, uid, where);
  };
  const typed = async (table, { typeColumn, idColumn }) => {
    for (const uid of by.keys()) await once(table, idColumn.name, uid, { [typeColumn.name]: uid });
  };
  await knex.raw('PRAGMA foreign_keys = OFF');
  for (const { uid, tableName, attributes } of all) {
    await once(tableName, 'id', uid);
    for (const attribute of Object.values(attributes)) {
      const join = attribute.joinTable;
      if (attribute.type !== 'relation' || attribute.unstable_virtual) continue;
      if (attribute.morphColumn) await typed(tableName, attribute.morphColumn);
      if (!join) continue;
      await once(join.name, join.joinColumn.name, uid);
      if (join.morphColumn) await typed(join.name, join.morphColumn);
      else if (join.on) await typed(join.name, { typeColumn: { name: 'component_type' }, idColumn: { name: 'cmp_id' } });
      else await once(join.name, join.inverseJoinColumn.name, attribute.target);
    }
  }
  // As after inserts: an id that was once given is never given again.
  for (const { tableName } of moved.map(({ uid }) => strapi.db.metadata.get(uid))) {
    await knex.raw(`UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(id), 0) FROM "${tableName}")) WHERE name = ?`, [tableName]);
  }
  await knex.raw('PRAGMA foreign_keys = ON');
  const broken = await knex.raw('PRAGMA foreign_key_check');
  if (broken.length > 0) throw new Error(`${broken.length} rows lost what they refer to: ${JSON.stringify(broken[0])}`);
}
