// The command palette: / or Ctrl-K. Offers the places of the navigation, the steps that are open on this
// page ([data-step], links or buttons) and, as one types, what the search finds. Used by keyboard alone:
// arrows choose, Enter opens, Escape closes; a combobox with a list, for screen readers too.
import { api, el, icon, isComposing, isTyping } from './dom.js';
import { say } from './say.js';
import { singleKeys } from './keys.js';

const wait = 150;
let parts;
let asked;
let timer;

export function start() {
  if (!document.querySelector('.nav')) return;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isComposing(event) || event.altKey) return;
    const isK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && singleKeys() && !isTyping(event.target);
    if (!isK && !isSlash) return;
    event.preventDefault();
    open();
  });
}

function open() {
  parts ??= build();
  const { dialog, input } = parts;
  if (dialog.open) return;
  input.value = '';
  dialog.showModal();
  show(commands(''));
}

function build() {
  const list = el('div', { class: 'palette-list', id: 'palette-list', role: 'listbox', 'aria-label': say('palette.title') });
  const input = el('input', {
    type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-autocomplete': 'list',
    'aria-label': say('palette.title'), placeholder: say('palette.placeholder'), autocomplete: 'off', spellcheck: 'false',
    maxlength: '200', oninput: typed, onkeydown: pressed,
  });
  const status = el('p', { class: 'vh', role: 'status' });
  const dialog = el('dialog', { class: 'dialog dialog-palette', 'aria-label': say('palette.title'), onclose: stop },
    input, list, el('p', { class: 'hint' }, say('palette.hint')), status);
  document.body.append(dialog);
  return { dialog, input, list, status };
}

// MARK: What is offered

const words = (node) => node.querySelector('span:not(.count)')?.textContent ?? node.textContent;

function commands(query) {
  const steps = [...document.querySelectorAll('main [data-step]')].map((node) => ({
    text: node.dataset.step || node.textContent.trim(), kind: say('palette.step'), icon: 'arrow', run: () => node.click(),
  }));
  const places = [...document.querySelectorAll('.nav a[href]')].map((node) => ({
    text: words(node).trim(), kind: say('palette.go'), icon: 'right', href: node.getAttribute('href'),
  }));
  const folded = fold(query);
  return [...steps, ...places].filter((c) => fold(c.text).includes(folded));
}

const fold = (text) => text.normalize('NFKC').toLowerCase().trim();

function typed() {
  const query = parts.input.value;
  show(commands(query));
  stop();
  if (fold(query) === '') return;
  timer = setTimeout(() => search(query), wait);
}

async function search(query) {
  asked = new AbortController();
  const all = {
    text: say('palette.all', { q: query }), kind: '', icon: 'search', href: `/search?q=${encodeURIComponent(query)}`,
  };
  try {
    const { items = [] } = await api(`/search?q=${encodeURIComponent(query)}&limit=8`, { signal: asked.signal });
    if (query !== parts.input.value) return;
    show([...items.map(result), ...commands(query), ...(items.length ? [all] : [])]);
  } catch (error) {
    if (error.name === 'AbortError') return;
    show([...commands(query), all], say('palette.failed'));
  }
}

// One hit: what it is called in the API is enough to find its page.
function result(item) {
  const label = item.number ?? '';
  return {
    text: [label, item.title ?? item.name ?? ''].filter(Boolean).join(' '),
    kind: item.number ? say('palette.ticket') : say('palette.result'), icon: 'ticket',
    href: item.path ?? `/tickets/${encodeURIComponent(item.number ?? item.id)}`,
  };
}

function stop() {
  clearTimeout(timer);
  asked?.abort();
}

// MARK: The list

function show(entries, message = '') {
  const { list, status } = parts;
  list.replaceChildren(...entries.map((entry, i) => el(entry.href ? 'a' : 'button', {
    id: `palette-${i}`, role: 'option', tabindex: '-1', href: entry.href, type: entry.href ? null : 'button',
    'aria-selected': 'false', onclick: () => choose(entry),
  }, icon(entry.icon), el('span', { class: 'text' }, entry.text), el('span', { class: 'kind' }, entry.kind))));
  status.textContent = message || (entries.length ? '' : say('palette.none'));
  if (entries.length === 0) list.append(el('p', { class: 'hint panel-body' }, message || say('palette.none')));
  select(0);
}

function options() { return [...parts.list.querySelectorAll('[role=option]')]; }

function select(index) {
  const all = options();
  all.forEach((o, i) => o.setAttribute('aria-selected', String(i === index)));
  if (all[index]) {
    parts.input.setAttribute('aria-activedescendant', all[index].id);
    all[index].scrollIntoView({ block: 'nearest' });
  } else {
    parts.input.removeAttribute('aria-activedescendant');
  }
}

function pressed(event) {
  if (isComposing(event)) return;
  const all = options();
  const at = all.findIndex((o) => o.getAttribute('aria-selected') === 'true');
  switch (event.key) {
    case 'ArrowDown': select((at + 1) % Math.max(all.length, 1)); break;
    case 'ArrowUp': select((at - 1 + all.length) % Math.max(all.length, 1)); break;
    case 'Home': if (parts.input.value) return; select(0); break;
    case 'Enter':
      if (all[at]) all[at].click();
      else if (fold(parts.input.value)) location.assign(`/search?q=${encodeURIComponent(parts.input.value)}`);
      break;
    default: return;
  }
  event.preventDefault();
}

function choose(entry) {
  parts.dialog.close();
  // After the dialog gave the focus back, so that a step's own focus stays.
  if (entry.run) setTimeout(entry.run);
}
