// The sentences of the scripts in the page's language: say('clock.left', { span }).
let words = {};
try {
  ({ default: words } = await import(`./words.${document.documentElement.lang}.js`));
} catch { /* the keys are shown instead */ }

export function say(key, places = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}
