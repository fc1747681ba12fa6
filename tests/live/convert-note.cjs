// convert-note.cjs   run in a project of 4.26.2 that is not running: polymorphic relations, which its content manager cannot make.
const strapi = require(`${process.cwd()}/node_modules/@strapi/strapi`);
(async () => {
  const app = await strapi().load();
  const made = [
    { text: 'about', publishedAt: new Date(), subject: ['article', 1], subjects: [['tag', 2], ['author', 1], ['article', 4]] },
    { text: 'later', subject: ['tag', 1], subjects: [['article', 3]] },
  ];
  const end = ([name, id]) => ({ __type: `api::${name}.${name}`, id });
  for (const { subject, subjects, ...data } of made) {
    await app.entityService.create('api::note.note', { data: { ...data, subject: end(subject), subjects: subjects.map(end) } });
  }
  await app.destroy();
  process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });
