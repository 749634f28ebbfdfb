module.exports = {docs: ['tmp']};
