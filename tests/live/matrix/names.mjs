// What seeds and cases call a document: a short name, made an id of 24 characters.
export const id = (name) => name.replace(/[^a-z0-9]/g, '').padEnd(24, '0');

export const TAG = 'api::tag.tag';
export const THING = 'api::thing.thing';
export const PART = 'api::part.part';
export const MOTTO = 'api::motto.motto';
export const ABOUT = 'api::about.about';
export const FILE = 'plugin::upload.file';
export const FOLDER = 'plugin::upload.folder';
export const USER = 'plugin::users-permissions.user';
export const ROLE = 'plugin::users-permissions.role';
export const LOCALE = 'plugin::i18n.locale';

const prefixes = { tag: TAG, thing: THING, part: PART, motto: MOTTO, about: ABOUT, file: FILE, folder: FOLDER, user: USER, role: ROLE };

// `tag-root` is api::tag.tag/tagroot00000000000000000.
export function key(name) {
  const type = prefixes[name.split('-')[0]];
  if (!type) throw new Error(`no type has the name of ${name}`);
  return `${type}/${id(name)}`;
}
