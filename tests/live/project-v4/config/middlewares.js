module.exports = ['errors', 'security', 'cors', 'poweredBy', 'logger', 'query', 'body', 'session', 'favicon', 'public'].map((name) => `strapi::${name}`);
