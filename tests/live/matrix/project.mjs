// A Strapi project that is not running, opened in this process: its services and its database, without HTTP.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

process.env.NODE_ENV = 'production';
process.env.STRAPI_TELEMETRY_DISABLED = 'true';
process.env.STRAPI_LOG_LEVEL = 'error';

// Calls `work(strapi)`, then puts what the reader has to know of types and tables beside the database.
export async function opened(project, work) {
  const appDir = resolve(project);
  process.chdir(appDir);
  const { createStrapi } = createRequire(join(appDir, 'package.json'))('@strapi/strapi');
  const strapi = await createStrapi({ appDir, distDir: appDir, serveAdminPanel: false }).load();
  try {
    await work(strapi);
    writeFileSync(join(appDir, '.tmp/tables.json'), JSON.stringify(tables(strapi), null, 1));
  } finally {
    await strapi.destroy();
  }
}

// Types, their attributes and the columns and join tables behind them, as the server itself knows them.
function tables(strapi) {
  const known = {};
  for (const [uid, { tableName, attributes }] of strapi.db.metadata) {
    const type = strapi.contentTypes[uid] ?? strapi.components[uid];
    const kind = strapi.contentTypes[uid] ? 'type' : strapi.components[uid] ? 'component' : 'model';
    known[uid] = { kind, table: tableName, draftAndPublish: type?.options?.draftAndPublish === true, attributes };
  }
  return known;
}
