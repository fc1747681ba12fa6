// convert-types.mjs PROJECT   writes content types of every sort into a project: with and without drafts, locales, or both; each
// kind of relation; components in components. The files are the same for v4 and v5.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const source = join(process.argv[2], 'src');
const write = (path, text) => {
  mkdirSync(join(source, path, '..'), { recursive: true });
  writeFileSync(join(source, path), typeof text === 'string' ? text : JSON.stringify(text, null, 2));
};
const relation = (kind, target, more = {}) => ({ type: 'relation', relation: kind, target, ...more });
const localized = { pluginOptions: { i18n: { localized: true } } };
const each = (attributes) => Object.fromEntries(Object.entries(attributes).map(([name, a]) => [name, { ...a, ...localized }]));

const component = (name, attributes) =>
  write(`components/shared/${name}.json`, { collectionName: `components_shared_${name}s`, info: { displayName: name }, options: {}, attributes });
component('link', {
  label: { type: 'string' },
  article: relation('oneToOne', 'api::article.article'),
  tags: relation('oneToMany', 'api::tag.tag'),
  author: relation('oneToOne', 'api::author.author'),
});
component('seo', {
  metaTitle: { type: 'string' },
  image: { type: 'media', multiple: false },
  link: { type: 'component', component: 'shared.link', repeatable: false },
});
component('gallery', { pictures: { type: 'media', multiple: true }, links: { type: 'component', component: 'shared.link', repeatable: true } });

const type = (name, { plural = `${name}s`, drafts, i18n, kind = 'collectionType' }, attributes) => {
  const uid = `api::${name}.${name}`;
  write(`api/${name}/content-types/${name}/schema.json`, {
    kind,
    collectionName: plural,
    info: { singularName: name, pluralName: plural, displayName: name },
    options: { draftAndPublish: drafts },
    ...(i18n ? localized : {}),
    attributes: i18n ? each(attributes) : attributes,
  });
  for (const what of ['Controller', 'Service', 'Router']) {
    const folder = what.toLowerCase().replace('router', 'route') + 's';
    write(`api/${name}/${folder}/${name}.js`, `module.exports = require('@strapi/strapi').factories.createCore${what}('${uid}');\n`);
  }
};
type('article', { drafts: true, i18n: true }, {
  title: { type: 'string' },
  slug: { type: 'uid', targetField: 'title' },
  big: { type: 'biginteger' },
  price: { type: 'decimal' },
  extra: { type: 'json' },
  cover: { type: 'media', multiple: false },
  pictures: { type: 'media', multiple: true },
  category: relation('manyToOne', 'api::category.category', { inversedBy: 'articles' }),
  tags: relation('manyToMany', 'api::tag.tag', { inversedBy: 'articles' }),
  authors: relation('oneToMany', 'api::author.author'),
  parent: relation('manyToOne', 'api::article.article', { inversedBy: 'children' }),
  children: relation('oneToMany', 'api::article.article', { mappedBy: 'parent' }),
  related: relation('manyToMany', 'api::article.article'),
  seo: { type: 'component', component: 'shared.seo', repeatable: false },
  links: { type: 'component', component: 'shared.link', repeatable: true },
  blocks: { type: 'dynamiczone', components: ['shared.seo', 'shared.gallery'] },
});
type('tag', { drafts: true }, {
  label: { type: 'string', unique: true },
  icon: { type: 'media', multiple: false },
  articles: relation('manyToMany', 'api::article.article', { mappedBy: 'tags' }),
  author: relation('oneToOne', 'api::author.author', { inversedBy: 'tag' }),
  owner: relation('manyToOne', 'plugin::users-permissions.user'),
});
type('category', { plural: 'categories', i18n: true, drafts: false }, {
  name: { type: 'string' },
  articles: relation('oneToMany', 'api::article.article', { mappedBy: 'category' }),
  seo: { type: 'component', component: 'shared.seo', repeatable: false },
});
type('author', { drafts: false }, {
  name: { type: 'string' },
  avatar: { type: 'media', multiple: false },
  tag: relation('oneToOne', 'api::tag.tag', { mappedBy: 'author' }),
  favourites: relation('manyToMany', 'api::article.article'),
  friends: relation('manyToMany', 'api::author.author'),
  links: { type: 'component', component: 'shared.link', repeatable: true },
});
type('note', { drafts: true }, {
  text: { type: 'string' },
  subject: { type: 'relation', relation: 'morphToOne' },
  subjects: { type: 'relation', relation: 'morphToMany' },
});
type('home', { plural: 'homes', drafts: true, i18n: true, kind: 'singleType' }, {
  heading: { type: 'string' },
  article: relation('oneToOne', 'api::article.article'),
  seo: { type: 'component', component: 'shared.seo', repeatable: false },
});
type('setting', { drafts: false, kind: 'singleType' }, { value: { type: 'string' }, logo: { type: 'media', multiple: false } });
