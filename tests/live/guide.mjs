// guide.mjs URL write|edit|own|note|judge…   the content of the guide's two servers, and what has become of it.
//
// write   fourteen articles with an author and a picture; edit  changes some and writes five more; own  an article of
// production's own with the slug of one of these; note  prints every article; judge STAGING BEFORE  compares.
import { readFileSync } from 'node:fs';
import { call, login, post, upload } from './admin.mjs';

const [url, what, ...rest] = process.argv.slice(2);
const headers = await login(url);
const types = '/content-manager/collection-types';
const ARTICLE = 'api::article.article';

// A picture of one pixel in a colour of its own, in a format that servers store as it comes. What both sites have of article 10
// is one picture with two records.
const picture = (at) => Buffer.from(`47494638396101000100800000${(at * 9).toString(16).padStart(6, '0')}0000002c00000000010001000002024401003b`, 'hex');

async function article(at, author, description = 'as it was') {
  const { id: cover } = await upload(url, headers, `picture ${at}.gif`, `of article ${at}`, picture(at), 'image/gif');
  const blocks = [{ __component: 'shared.rich-text', body: `Article ${at}` }, { __component: 'shared.media', file: cover }];
  const data = { title: `Article ${at}`, slug: `article-${at}`, description, cover, blocks, author: { connect: [author] } };
  const { data: made } = await post(url, `${types}/${ARTICLE}`, headers, data);
  return made.documentId;
}

async function author(name) {
  const { data } = await post(url, `${types}/api::author.author`, headers, { name, email: `${name}@example.com` });
  return { id: data.id, documentId: data.documentId };
}

async function all(server, as) {
  const found = await call(server, `${types}/${ARTICLE}?pageSize=100&sort=title:ASC`, { headers: as });
  const whole = [];
  for (const { documentId } of found.results) {
    const { data } = await call(server, `${types}/${ARTICLE}/${documentId}`, { headers: as });
    whole.push(data);
  }
  return whole;
}

// What a reader sees of an article.
const seen = ({ title, slug, description, cover, author: by, category, blocks, publishedAt }) => ({
  title, slug, description, cover: cover?.name, author: by?.name, category: category?.name, published: publishedAt !== null,
  blocks: blocks.map(({ __component, body, file }) => ({ __component, body, file: file?.name })),
});
const moves = ({ title }) => title.startsWith('Article 1');

const deeds = {
  async write() {
    const by = await author('guide');
    for (let at = 0; at < 14; at++) if (at !== 10) await article(at, by);
  },
  async edit() {
    for (const { documentId, title } of await all(url, headers)) {
      if (!/^Article (1|3|11|13)$/.test(title)) continue;
      await call(url, `${types}/${ARTICLE}/${documentId}`, { method: 'PUT', headers, body: JSON.stringify({ description: 'edited at staging' }) });
    }
    const by = await author('newcomer');
    for (const at of [10, 14, 15, 16, 17, 18]) await article(at, by, 'new at staging');
  },
  async own() {
    await article(10, await author('production'), 'entered at production');
  },
  async note() {
    console.log(JSON.stringify(await all(url, headers)));
  },
  async judge() {
    const [staging, file] = rest;
    const before = JSON.parse(readFileSync(file, 'utf8'));
    const [source, now] = [await all(staging, await login(staging)), await all(url, headers)];
    const wrong = [];
    const same = (left, right, why) => JSON.stringify(left) === JSON.stringify(right) || wrong.push(`${why}: ${JSON.stringify(left)} is not ${JSON.stringify(right)}`);
    same(now.filter(moves).length, 10, 'articles that were meant');
    for (const one of source.filter(moves)) same(seen(now.find(({ title }) => title === one.title) ?? { blocks: [] }), seen(one), one.title);
    const kept = (articles) => articles.filter((one) => !moves(one)).map(({ documentId, updatedAt, ...one }) => ({ documentId, updatedAt, ...seen(one) }));
    same(kept(now), kept(before), 'articles that were not meant');
    const id = (articles) => articles.find(({ title }) => title === 'Article 10')?.documentId;
    same(id(now), id(before), "production's id of article 10");
    const picture = now.find(({ title }) => title === 'Article 18').cover.url;
    if (!(await fetch(url + picture)).ok) wrong.push(`${picture} is not served`);
    if (wrong.length > 0) throw new Error(wrong.slice(0, 10).join('\n'));
    console.log(`   ten articles moved, ${kept(now).length} others as before`);
  },
};
await deeds[what]();
