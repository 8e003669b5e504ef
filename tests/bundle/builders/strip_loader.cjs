// Takes the types away for webpack, which reads none.
const { stripTypeScriptTypes } = require("node:module");

module.exports = (source) => stripTypeScriptTypes(source);
