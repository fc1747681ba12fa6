// Adds content types with every kind of relation to a Strapi project: node make.mjs PROJECT
// Draft and publish, locales, components in components, dynamic zones, media in components, self relations, relations of
// one and of both sides, polymorphic ones.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const project = process.argv[2];
const put = (path, text) => {
  const file = join(project, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
};

const localized = { pluginOptions: { i18n: { localized: true } } };
const relation = (kind, target, more) => ({ type: "relation", relation: kind, ...(target && { target }), ...more });
const component = (name, more) => ({ type: "component", component: name, repeatable: false, ...more });
const media = (multiple) => ({ type: "media", multiple, required: false, allowedTypes: ["images", "files"] });

const TAG = "api::tag.tag", THING = "api::thing.thing", PART = "api::part.part";

const types = {
  tag: {
    options: { draftAndPublish: true },
    ...localized,
    attributes: {
      label: { type: "string", ...localized },
      code: { type: "string" },
      big: { type: "biginteger" },
      price: { type: "decimal" },
      extra: { type: "json" },
      parent: relation("manyToOne", TAG, { inversedBy: "children" }),
      children: relation("oneToMany", TAG, { mappedBy: "parent" }),
      things: relation("manyToMany", THING, { mappedBy: "tags" }),
    },
  },
  thing: {
    options: { draftAndPublish: true },
    ...localized,
    attributes: {
      title: { type: "string", ...localized },
      slug: { type: "uid", targetField: "title", ...localized },
      cover: media(false),
      gallery: media(true),
      maker: relation("oneToOne", PART),
      twin: relation("oneToOne", PART, { inversedBy: "twin" }),
      home: relation("manyToOne", PART, { inversedBy: "things" }),
      tags: relation("manyToMany", TAG, { inversedBy: "things" }),
      labels: relation("oneToMany", TAG),
      friends: relation("manyToMany", THING, { inversedBy: "befriended" }),
      befriended: relation("manyToMany", THING, { mappedBy: "friends" }),
      subject: relation("morphToOne"),
      subjects: relation("morphToMany"),
      ref: component("lab.ref", localized),
      refs: component("lab.ref", { repeatable: true, ...localized }),
      zone: { type: "dynamiczone", components: ["lab.ref", "lab.seo"], ...localized },
    },
  },
  part: {
    options: { draftAndPublish: false },
    attributes: {
      name: { type: "string", unique: true },
      picture: media(false),
      twin: relation("oneToOne", THING, { mappedBy: "twin" }),
      things: relation("oneToMany", THING, { mappedBy: "home" }),
      next: relation("oneToOne", PART, { inversedBy: "previous" }),
      previous: relation("oneToOne", PART, { mappedBy: "next" }),
    },
  },
  motto: {
    kind: "singleType",
    options: { draftAndPublish: true },
    ...localized,
    attributes: {
      text: { type: "text", ...localized },
      about: relation("manyToOne", PART),
      ref: component("lab.ref", localized),
    },
  },
};

const components = {
  seo: { text: { type: "string" }, image: media(false) },
  ref: {
    note: { type: "string" },
    tag: relation("oneToOne", TAG),
    parts: relation("oneToMany", PART),
    images: media(true),
    seo: component("lab.seo"),
  },
};

const title = (name) => name[0].toUpperCase() + name.slice(1);

for (const [name, { kind = "collectionType", ...type }] of Object.entries(types)) {
  const plural = kind === "singleType" ? `${name}-all` : `${name}s`;
  const info = { singularName: name, pluralName: plural, displayName: title(name) };
  const schema = { kind, collectionName: `${name}s`, info, ...type };
  put(`src/api/${name}/content-types/${name}/schema.json`, JSON.stringify(schema, null, 2) + "\n");
  for (const [part, folder] of [["controller", "controllers"], ["service", "services"], ["router", "routes"]]) {
    const factory = `createCore${title(part)}`;
    const text = `const { factories } = require('@strapi/strapi');\nmodule.exports = factories.${factory}('api::${name}.${name}');\n`;
    put(`src/api/${name}/${folder}/${name}.js`, text);
  }
}
for (const [name, attributes] of Object.entries(components)) {
  const schema = { collectionName: `components_lab_${name}s`, info: { displayName: title(name) }, options: {}, attributes };
  put(`src/components/lab/${name}.json`, JSON.stringify(schema, null, 2) + "\n");
}
