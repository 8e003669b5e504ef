// Strips the types for webpack, which does not support them.
const { stripTypeScriptTypes } = require("node:module");

module.exports = (source) => stripTypeScriptTypes(source);
