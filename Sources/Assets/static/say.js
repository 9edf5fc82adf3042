// The sentences of the scripts in the page's language: say('clock.left', { span }). They come as a module
// of their own, `words.LANG.js`, which the page names before all others; nothing waits for them here, so
// every key works as soon as the page has loaded.
let words = {};

export function learn(all) {
  words = all;
}

export function say(key, places = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}
