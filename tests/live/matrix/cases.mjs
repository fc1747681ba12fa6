// The cases of the merge matrix, as data.
//
//   pick    documents of staging that are picked (names.mjs), or `types`
//   policy  the policy; `decide` {document: decision} overrides it, `dependencies` is "none" unless given
//   brings  what dependencies create beside what was picked
//   locales those that move, all unless given; `rehearse` only rehearses
//   stands  {document of staging: document of production} that stand for each other though their ids differ
//   says    codes of findings that it has to have
//   kinds   what of the list the case shows
const cases = [];
const add = (kinds, name, about) => cases.push({ name, kinds: kinds.split(' '), dependencies: 'none', ...about });
const each = (kinds, name, pick, more = {}) => {
  for (const policy of ['overwrite', 'skip', 'duplicate']) add(kinds, `${name}-${policy}`, { pick: [pick].flat(), policy, ...more });
};

// Plain: no locales, no drafts.
each('plain', 'plain', 'part-plain');
each('plain', 'scalars', 'tag-plain');
add('plain', 'plain-create', { pick: ['part-chainnew'], policy: 'skip' });
add('plain', 'plain-identical', { pick: ['part-same'], policy: 'overwrite' });
add('plain', 'plain-identical-rewritten', { pick: ['part-same'], policy: 'overwrite', rewrite: true });
add('plain', 'plain-identical-duplicate', { pick: ['part-same'], policy: 'duplicate' });
add('plain', 'plain-times-only', { pick: ['tag-same'], policy: 'overwrite' });

// Locales.
each('localized', 'locale-differs', 'tag-frdiff');
each('localized', 'locales-both-differ', 'tag-local');
each('localized', 'locale-only-in-staging', 'tag-loner');
add('localized', 'locale-only-in-production', { pick: ['tag-morph2'], policy: 'overwrite' });
add('localized', 'locale-of-a-thing', { pick: ['thing-local'], policy: 'overwrite' });
add('localized drafts', 'localized-create', { pick: ['tag-onlya'], policy: 'overwrite' });

// Drafts and published versions.
each('drafts', 'published-differs-from-draft', 'tag-pubboth');
each('drafts', 'published-in-production-only', 'tag-unpub');
each('drafts', 'published-in-staging-only', 'tag-draft');
add('drafts', 'draft-differs', { pick: ['tag-pub'], policy: 'overwrite' });
add('drafts', 'draft-create', { pick: ['tag-drafta'], policy: 'overwrite' });

// Single types.
each('single', 'single', 'motto-only');
add('single', 'single-by-type', { pick: ['about-staging'], policy: 'overwrite', stands: { 'about-staging': 'about-production' } });
add('single', 'single-by-type-skip', { pick: ['about-staging'], policy: 'skip', stands: { 'about-staging': 'about-production' } });

// Components that hold relations, components and media.
each('components', 'components', 'thing-comp');
each('components', 'zone', 'thing-zone');
add('components', 'target-of-kept-components', { pick: ['tag-ref1'], policy: 'overwrite' });
add('components', 'target-of-kept-components-duplicate', { pick: ['tag-ref1'], policy: 'duplicate' });
add('components', 'ordered-target-of-kept-components', { pick: ['part-comp1'], policy: 'overwrite' });
add('components', 'two-targets-of-kept-components', { pick: ['part-comp1', 'tag-ref1'], policy: 'overwrite' });

// Media.
each('media', 'media', 'thing-media');
add('media', 'media-on-plain', { pick: ['part-pic'], policy: 'overwrite' });
add('media', 'media-added', { pick: ['part-second'], policy: 'overwrite' });
add('media', 'media-brought', { pick: ['part-onlya'], policy: 'overwrite', dependencies: 'create', brings: ['file-onlya'] });
add('media', 'media-left-out', { pick: ['part-onlya'], policy: 'overwrite' });
add('media', 'media-equal-bytes', { pick: ['thing-equal'], policy: 'overwrite', dependencies: 'create', stands: { 'file-equala': 'file-equalb' } });
add('media', 'media-name-on-disk-taken', { pick: ['thing-clash'], policy: 'overwrite', dependencies: 'create', brings: ['file-clasha'] });
add('media', 'file-create', { pick: ['file-onlya'], policy: 'overwrite' });
add('media', 'file-create-with-renditions', { pick: ['file-onlybig'], policy: 'overwrite' });
add('media', 'file-caption', { pick: ['file-cap'], policy: 'overwrite' });
add('media', 'file-bytes', { pick: ['file-bytes'], policy: 'overwrite' });
add('media', 'file-skip', { pick: ['file-bytes', 'file-cap'], policy: 'skip' });
add('media', 'file-duplicate', { pick: ['file-cap'], policy: 'duplicate' });
add('media', 'file-in-new-folder', { pick: ['file-foldered'], policy: 'overwrite', dependencies: 'create', brings: ['folder-onlya'] });
add('media', 'file-rewritten-under-kept-owners', { pick: ['file-shared', 'file-one'], policy: 'overwrite', rewrite: true });

// Relations of a type with itself.
each('self', 'parent', 'tag-root');
each('self', 'child', 'tag-child2');
add('self', 'child-create', { pick: ['tag-childa'], policy: 'overwrite' });
add('self', 'parent-and-children', { pick: ['tag-root', 'tag-child1', 'tag-child2', 'tag-child3', 'tag-childa'], policy: 'overwrite', rewrite: true });
add('self', 'parent-and-children-duplicate', { pick: ['tag-root', 'tag-child1', 'tag-child2'], policy: 'duplicate' });
each('self many-to-many', 'friends', 'thing-friend1');
add('self many-to-many', 'friends-of-each-other', { pick: ['thing-friend1', 'thing-friend2', 'thing-friend3'], policy: 'overwrite' });
add('self one-to-one', 'chain', { pick: ['part-chain2'], policy: 'overwrite' });
add('self one-to-one', 'chain-end-create', { pick: ['part-chain3', 'part-chainnew'], policy: 'overwrite' });
add('self one-to-one', 'chain-duplicate', { pick: ['part-chain2'], policy: 'duplicate' });

// Many-to-many.
each('many-to-many', 'many-to-many-owner', 'thing-mm');
each('many-to-many', 'many-to-many-target', 'tag-mm1');
add('many-to-many', 'many-to-many-both', { pick: ['thing-mm', 'tag-mm1', 'tag-mm2', 'tag-mm3'], policy: 'overwrite', rewrite: true });

// Relations of one side only.
each('unidirectional', 'one-to-one-owner', 'thing-maker');
each('unidirectional', 'one-to-one-target', 'part-maker');
each('unidirectional', 'one-to-many-owner', 'thing-labels');
each('unidirectional', 'one-to-many-target', 'tag-lab1');

// One-to-one and many-to-one of both sides.
add('one-to-one', 'twin-owner', { pick: ['thing-twin'], policy: 'overwrite' });
add('one-to-one', 'twin-owner-duplicate', { pick: ['thing-twin'], policy: 'duplicate' });
add('one-to-one', 'twin-target', { pick: ['part-twin1'], policy: 'overwrite' });
add('one-to-one', 'twin-of-what-has-one', { pick: ['thing-taken'], policy: 'overwrite', says: ['stays-with-kept'] });
add('many-to-one', 'home-owner', { pick: ['thing-home'], policy: 'overwrite' });
each('many-to-one', 'home-target', 'part-home');

// Polymorphic relations.
each('polymorphic', 'morph-owner', 'thing-morph');
each('polymorphic', 'morph-target', 'tag-morph1');

// Users, roles.
add('users', 'user-create', { pick: ['user-olga'], policy: 'overwrite' });
add('users', 'user-overwrite', { pick: ['user-plain'], policy: 'overwrite' });
add('users', 'user-skip', { pick: ['user-plain', 'user-same'], policy: 'skip' });

// Several at once.
const onlya = ['part-onlya', 'tag-onlya', 'file-onlya', 'file-onlybig'];
add('mixture', 'everything-at-once-alone', { pick: ['thing-onlya'], policy: 'overwrite' });
add('mixture', 'everything-at-once-with-dependencies', { pick: ['thing-onlya'], policy: 'overwrite', dependencies: 'create', brings: onlya });
add('mixture', 'the-keeper-itself', { pick: ['thing-keeper'], policy: 'overwrite' });
add('mixture', 'the-keeper-duplicate', { pick: ['thing-keeper'], policy: 'duplicate' });
add('mixture', 'all-that-the-keeper-holds', {
  pick: ['part-maker', 'part-home', 'part-twin1', 'part-comp1', 'part-plain', 'tag-mm1', 'tag-lab1', 'tag-ref1', 'tag-morph1', 'thing-friend1', 'thing-friend2'],
  policy: 'overwrite',
});
add('mixture', 'the-keeper-and-what-it-holds', {
  pick: ['thing-keeper', 'part-maker', 'part-home', 'part-twin1', 'part-comp1', 'part-plain', 'tag-mm1', 'tag-lab1', 'tag-ref1', 'tag-morph1'], policy: 'overwrite',
});
add('mixture', 'a-decision-of-each-kind', {
  pick: ['part-plain', 'part-second', 'tag-plain', 'tag-local', 'tag-onlya', 'thing-comp', 'thing-media'], policy: 'skip',
  decide: { 'part-plain': 'overwrite', 'tag-local': 'duplicate', 'thing-comp': 'overwrite', 'thing-media': 'duplicate' },
});
add('mixture', 'original-and-copy-of-neighbours', { pick: ['thing-mm', 'tag-mm1'], policy: 'overwrite', decide: { 'tag-mm1': 'duplicate' } });
add('mixture', 'dependencies-by-policy', {
  pick: ['thing-mm'], policy: 'overwrite', dependencies: 'policy', also: ['tag-mm1', 'tag-mm3'],
});
add('mixture', 'whole-type-parts', { types: ['api::part.part'], policy: 'overwrite', stands: { 'part-uniquea': 'part-uniqueb' } });
add('mixture', 'whole-type-tags', { types: ['api::tag.tag'], policy: 'overwrite' });
add('mixture', 'whole-type-tags-skip', { types: ['api::tag.tag'], policy: 'skip' });
// Files of equal bytes stand for each other also where they do not come along.
const equal = { 'file-equala': 'file-equalb' };
add('mixture', 'whole-type-things', { types: ['api::thing.thing'], policy: 'overwrite', stands: equal });
add('mixture', 'two-types', { types: ['api::tag.tag', 'api::thing.thing'], policy: 'overwrite', stands: equal });
add('matching', 'unique-field-overwrite', { pick: ['part-uniquea'], policy: 'overwrite', stands: { 'part-uniquea': 'part-uniqueb' } });
add('matching', 'unique-field-skip', { pick: ['part-uniquea'], policy: 'skip', stands: { 'part-uniquea': 'part-uniqueb' } });
add('matching', 'unique-field-duplicate', { pick: ['part-uniquea'], policy: 'duplicate', stands: { 'part-uniquea': 'part-uniqueb' } });

// Some locales of documents that have others.
const choice = (name, pick, locales, more = {}) => add('locales', name, { pick: [pick].flat(), locales, policy: 'overwrite', ...more });
choice('locale-alone-that-differs', 'tag-local', ['fr']);
choice('locale-beside-one-that-differs', 'tag-local', ['en']);
choice('locale-alone-alike', 'tag-frdiff', ['en']);
choice('locale-alone-unlike', 'tag-frdiff', ['fr']);
choice('locale-alone-created', 'tag-loner', ['fr']);
choice('locale-alone-kept', 'tag-loner', ['fr'], { policy: 'skip' });
choice('locale-beside-one-of-production', 'tag-morph2', ['en']);
choice('locale-alone-duplicate', 'tag-local', ['fr'], { policy: 'duplicate' });
choice('locale-of-a-new-document', 'tag-onlya', ['fr']);
choice('locale-of-a-thing-alone', 'thing-local', ['fr']);
choice('locale-of-a-single-type', 'motto-only', ['fr']);
choice('locale-of-a-parent', ['tag-root', 'tag-child1'], ['en'], { rewrite: true });
choice('locale-of-targets', ['tag-mm1', 'tag-lab1', 'tag-ref1'], ['en'], { rewrite: true });
choice('other-locale-of-targets', ['tag-mm1', 'tag-lab1', 'tag-ref1'], ['fr'], { rewrite: true });
choice('locale-of-the-keeper', 'thing-keeper', ['fr'], { rewrite: true });
choice('locale-of-the-keeper-and-what-has-none', ['thing-keeper', 'part-maker', 'part-home', 'part-twin1', 'part-comp1'], ['en'], { rewrite: true });
add('locales', 'locale-of-all-tags', { types: ['api::tag.tag'], locales: ['en'], policy: 'overwrite' });
add('locales', 'locale-of-all-things', { types: ['api::thing.thing'], locales: ['fr'], policy: 'overwrite' });
add('locales', 'both-locales-named', { types: ['api::tag.tag'], locales: ['en', 'fr'], policy: 'overwrite' });

// Done and taken back.
add('rehearsal', 'rehearse-types', { types: ['api::tag.tag', 'api::thing.thing'], policy: 'overwrite', rehearse: true });
add('rehearsal', 'rehearse-media', { pick: ['thing-onlya', 'file-bytes'], policy: 'overwrite', dependencies: 'create', rehearse: true });
add('rehearsal', 'rehearse-copies', { pick: ['thing-keeper', 'tag-mm1'], policy: 'duplicate', rehearse: true });
add('rehearsal', 'rehearse-a-locale', { types: ['api::tag.tag'], locales: ['fr'], policy: 'overwrite', rehearse: true });

// What runs on every submission: each decision for each kind, and what has gone wrong before.
const usual = [
  ...['plain', 'locale-differs', 'published-differs-from-draft', 'single', 'components', 'media', 'child', 'friends', 'many-to-many-owner', 'one-to-one-owner', 'morph-owner']
    .flatMap((name) => ['overwrite', 'skip', 'duplicate'].map((policy) => `${name}-${policy}`)),
  'plain-create', 'localized-create', 'draft-create', 'child-create', 'chain-end-create', 'media-brought', 'file-in-new-folder', 'user-create',
  'target-of-kept-components', 'many-to-many-target-overwrite', 'one-to-many-target-overwrite', 'morph-target-overwrite', 'parent-and-children',
  'twin-of-what-has-one', 'file-bytes', 'media-equal-bytes', 'unique-field-overwrite', 'the-keeper-itself', 'all-that-the-keeper-holds',
  'everything-at-once-with-dependencies', 'a-decision-of-each-kind', 'whole-type-things', 'locale-of-all-things', 'rehearse-media',
];
for (const name of usual) {
  const one = cases.find((one) => one.name === name);
  if (!one) throw new Error(`no case is called ${name}`);
  one.kinds.push('usual');
}

// For big.sh, whose projects alone hold these; runs only when it is named.
add('big', 'ten-into-many', { pick: Array.from({ length: 10 }, (_, n) => `thing-big${n}x`), policy: 'overwrite', alone: true });

export default cases;
