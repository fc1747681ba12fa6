// seed.mjs PROJECT common   what both servers hold, and the token of both, in .tmp/token
// seed.mjs PROJECT staging|production   what one of the two copies has of its own
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { common } from './common.mjs';
import { production } from './production.mjs';
import { opened } from './project.mjs';
import { staging } from './staging.mjs';
import { writer } from './writer.mjs';

const [project, what] = process.argv.slice(2);
const work = { common, staging, production }[what];
const folder = resolve(project);
await opened(folder, async (strapi) => {
  const token = await work(writer(strapi, folder));
  if (token) writeFileSync(join(folder, '.tmp/token'), token);
});
process.exit(0);
