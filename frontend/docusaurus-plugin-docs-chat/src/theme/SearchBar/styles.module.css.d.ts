declare const classes: { bar: string; icon: string; words: string; keys: string; key: string };
export default classes;
