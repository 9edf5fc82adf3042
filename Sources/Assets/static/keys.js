// The keyboard: j and k walk through rows, Enter opens (the row's link has the focus), r replies,
// Ctrl-Enter sends the form one is in, ? lists all. Single letters can be switched off in that list,
// for people who speak to their computer (WCAG 2.1.4).
import { el, isComposing, isTyping } from './dom.js';
import { say } from './say.js';

const rows = '.queue tbody tr:not(.table-group), .inbox li, .case, .due-list li';
const offKey = 'fettle:single-keys-off';

export const singleKeys = () => localStorage.getItem(offKey) === null;

// The row that j or k reached, where it isn't the one shown beside the list.
let walked;

export function start() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isComposing(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (send(event.target.closest?.('form'))) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === '?') {
      event.preventDefault();
      help();
    } else if (singleKeys() && !document.querySelector('dialog[open]')) {
      if (single(event.key)) event.preventDefault();
    }
  });
}

function single(key) {
  switch (key) {
    case 'j': return walk(1);
    case 'k': return walk(-1);
    case 'r': {
      // The composer beside the list is another ticket's as soon as one walked on.
      if (walked?.isConnected) {
        const link = walked.querySelector('a[href^="/tickets/"]');
        if (link) {
          location.assign(`${link.getAttribute('href')}#f-body`);
          return true;
        }
      }
      const area = document.querySelector('.composer textarea');
      area?.focus();
      area?.scrollIntoView({ block: 'center' });
      return Boolean(area);
    }
    default: return false;
  }
}

function walk(step) {
  const all = [...document.querySelectorAll(rows)].filter((r) => r.querySelector('a[href]'));
  if (all.length === 0) return false;
  const at = all.findIndex((r) => r.contains(document.activeElement));
  const from = at >= 0 ? at : all.findIndex((r) => r.classList.contains('is-selected'));
  const next = all[Math.min(Math.max(from + step, 0), all.length - 1)];
  const link = next.querySelector('a.title') ?? next.querySelector('a[href]');
  if (!next.classList.contains('is-selected')) walked = next;
  for (const r of all) r.classList.toggle('is-selected', r === next);
  link.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

function send(form) {
  if (!form || form.method !== 'post') return false;
  // Of several the one that shows: a composer has one button for the customer and one for the house.
  const buttons = [...form.querySelectorAll('button:not([type=button])')].filter((b) => b.checkVisibility());
  const button = buttons.find((b) => b.matches('.btn-primary')) ?? buttons[0];
  form.requestSubmit(button ?? undefined);
  return true;
}

function help() {
  let dialog = document.getElementById('keys-dialog');
  if (!dialog) {
    dialog = build();
    document.body.append(dialog);
  }
  if (!dialog.open) dialog.showModal();
}

function build() {
  const lines = [
    [['/', 'Ctrl K'], 'search'], [['j'], 'down'], [['k'], 'up'], [['↵'], 'open'], [['r'], 'reply'],
    [['Ctrl ↵'], 'send'], [['?'], 'help'],
  ];
  const box = el('input', {
    type: 'checkbox',
    onchange: (event) => {
      if (event.target.checked) localStorage.removeItem(offKey);
      else localStorage.setItem(offKey, '1');
    },
  });
  box.checked = singleKeys();
  return el('dialog', { class: 'dialog dialog-keys', id: 'keys-dialog', 'aria-labelledby': 'keys-title' },
    el('h2', { id: 'keys-title' }, say('keys.title')),
    el('dl', {}, ...lines.flatMap(([caps, name]) => [
      el('dt', { class: 'row' }, ...caps.map((c) => el('kbd', {}, c))), el('dd', {}, say(`keys.${name}`)),
    ])),
    el('div', { class: 'panel-foot' },
      el('label', { class: 'check' }, box, el('span', {}, say('keys.single'))),
      el('button', { class: 'btn row-end', type: 'button', 'data-close': true }, say('keys.close'))));
}
