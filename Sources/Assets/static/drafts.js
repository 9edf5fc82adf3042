// Keeps what one writes on this device until it was sent: every <textarea name> of a posting form in the
// main part, by account, path and field, together with the choice of who may read it (an internal note
// must not come back as a public reply). Nothing older than 30 days stays; signing out clears all.
import { el, meta } from './dom.js';
import { say } from './say.js';

const prefix = 'fettle:draft:';
const sentKey = 'fettle:sent';
const keepFor = 30 * 24 * 3600 * 1000;
const fields = 'main form[method=post] textarea[name]:not([data-nodraft])';

export function start() {
  if (!meta('login')) return;
  settle();
  prune();
  document.querySelectorAll(fields).forEach(restore);
  let timer;
  document.addEventListener('input', (event) => {
    const form = event.target.closest?.('form');
    const area = event.target.matches?.(fields) ? event.target : null;
    if (area) area.dataset.kept = '';
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (area) keep(area);
      else if (event.target.type === 'radio') form?.querySelectorAll('textarea[data-kept]').forEach(keep);
    }, 300);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.getAttribute('action') === '/sign-out') {
      clear(() => true);
    } else if (form.method === 'post') {
      clearTimeout(timer);
      const areas = [...form.querySelectorAll('textarea[data-kept]')];
      areas.forEach(keep);
      write(sessionStorage, sentKey, areas.map(key));
    }
  });
}

// The path without its query: the same form after a refusal is still the same.
const key = (area) => `${prefix}${meta('login')}:${(area.form?.getAttribute('action') || location.pathname)}:${area.name}`;

const choices = (area) => Object.fromEntries(
  [...(area.form?.querySelectorAll('input[type=radio]:checked') ?? [])].map((r) => [r.name, r.value]));

function keep(area) {
  if (area.value.trim() === '' || area.value === area.defaultValue) {
    localStorage.removeItem(key(area));
    note(area, '');
  } else if (write(localStorage, key(area), { text: area.value, at: Date.now(), choices: choices(area) })) {
    area.dataset.kept = '';
    note(area, say('draft.kept'));
  } else {
    delete area.dataset.kept;
  }
}

function restore(area) {
  const draft = read(localStorage, key(area));
  if (!draft || area.value !== '' || typeof draft.text !== 'string') return;
  area.value = draft.text;
  area.dataset.kept = '';
  for (const radio of area.form.querySelectorAll('input[type=radio]')) {
    if (draft.choices?.[radio.name] === radio.value) radio.checked = true;
  }
  const time = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' }).format(draft.at);
  note(area, say('draft.restored', { time }), el('button', {
    type: 'button',
    onclick: () => {
      area.value = area.defaultValue;
      localStorage.removeItem(key(area));
      delete area.dataset.kept;
      note(area, '');
      area.focus();
    },
  }, say('draft.discard')));
}

function note(area, ...content) {
  let place = area.form.querySelector(`[data-draft-hint="${CSS.escape(area.name)}"], [data-draft-hint=""]`);
  if (!place) {
    place = el('p', { class: 'draft-hint', role: 'status', 'data-draft-hint': area.name });
    area.after(place);
  }
  place.replaceChildren(...content);
}

// After a form went off: where a good page of ours followed it, its drafts have done their work. A
// refusal, a dead line or the way back keeps them.
function settle() {
  const sent = read(sessionStorage, sentKey) ?? [];
  sessionStorage.removeItem(sentKey);
  const arrival = performance.getEntriesByType('navigation')[0];
  const isGood = arrival?.type === 'navigate' && (arrival.responseStatus ?? 200) < 400
    && document.referrer.startsWith(`${location.origin}/`) && !document.querySelector('.error-summary');
  if (isGood) sent.forEach((k) => localStorage.removeItem(k));
}

function prune() {
  clear((k) => Date.now() - (read(localStorage, k)?.at ?? 0) > keepFor);
}

function clear(condition) {
  for (const k of Object.keys(localStorage)) {
    if (k.startsWith(prefix) && condition(k)) localStorage.removeItem(k);
  }
}

function read(storage, k) {
  try { return JSON.parse(storage.getItem(k)); } catch { return null; }
}

function write(storage, k, value) {
  try {
    storage.setItem(k, JSON.stringify(value));
    return true;
  } catch { return false; }
}
