// The one script that every page loads. Everything works without it: it adds live clocks, live updates,
// the command palette, keys, drafts and small comforts in forms. No globals; each part listens on the
// document, so that what is swapped in later needs no wiring.
import * as live from './live.js';
import * as menus from './menus.js';
import * as forms from './forms.js';
import * as drafts from './drafts.js';
import * as clocks from './clocks.js';
import * as keys from './keys.js';
import * as palette from './palette.js';

for (const part of [live, menus, forms, drafts, clocks, keys, palette]) {
  // One part that fails on an old browser must not take the others with it.
  try { part.start(); } catch (error) { console.warn(error); }
}
