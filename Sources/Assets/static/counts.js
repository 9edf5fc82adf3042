// Counts of a stock check on a phone without a connection. What was noted down stays on this device until
// the server has it: by account, check and row, with the moment at which it was counted, so that what
// moved since is not taken for a difference. Rows that came along with the page are counted meanwhile.
import { api, el, icon, meta } from './dom.js';
import { hasTyped } from './forms.js';
import { say } from './say.js';

const prefix = `fettle:count:${meta('login')}:`;
const patience = 10_000;
const pause = 20_000;
const longest = 31 * 86_400;
const form = document.querySelector('form[data-check]');
let isSending = false;

if (meta('login')) {
  form?.addEventListener('submit', noteDown);
  addEventListener('online', flush);
  setInterval(flush, pause);
  tell();
  flush();
}

// MARK: Kept on the device

function keys() {
  return Object.keys(localStorage).filter((k) => k.startsWith(prefix));
}

function key(entry) {
  return `${prefix}${entry.check}:${entry.line}`;
}

function kept() {
  return keys().map((k) => {
    try { return JSON.parse(localStorage.getItem(k)); } catch { return null; }
  }).filter(Boolean).sort((a, b) => a.at - b.at);
}

function keep(entry) {
  try {
    localStorage.setItem(key(entry), JSON.stringify(entry));
    return true;
  } catch { return false; }
}

// Only what was sent: the same row may have been counted again meanwhile.
function forget(entry) {
  try {
    if (JSON.parse(localStorage.getItem(key(entry)))?.at === entry.at) localStorage.removeItem(key(entry));
  } catch { localStorage.removeItem(key(entry)); }
}

// MARK: Noting down

function field(name) {
  return form.elements.namedItem(`lines.0.${name}`);
}

async function noteDown(event) {
  const isNone = event.submitter?.name === 'none';
  const quantity = isNone ? '0' : field('quantity').value.normalize('NFKC').trim();
  // What is no number is for the server to refuse.
  if (!/^\d{1,12}$/.test(quantity)) return;
  const entry = {
    check: form.dataset.check, line: Number(field('line').value), quantity: Number(quantity),
    note: field('note').value.trim(), name: form.querySelector('[data-row] .strong').textContent,
    at: Date.now(),
  };
  if (!keep(entry)) return;
  event.preventDefault();
  if (form.dataset.busy !== undefined) return;
  form.dataset.busy = '';
  event.submitter?.setAttribute('aria-busy', 'true');
  const outcome = await send(entry);
  delete form.dataset.busy;
  event.submitter?.removeAttribute('aria-busy');
  if (outcome === 'sent') {
    location.assign(`/stock/checks/${entry.check}/count`);
  } else if (outcome === 'later') {
    advance();
    tell();
  } else {
    // The server says on its own page why not, beside what was typed.
    forget(entry);
    field('quantity').value = quantity;
    form.submit();
  }
}

// The next row that came along and is not counted on this device.
function advance() {
  const counted = new Set(keys());
  const next = [...document.querySelectorAll('template[data-line]')]
    .find((t) => !counted.has(`${prefix}${form.dataset.check}:${t.dataset.line}`));
  form.hidden = !next;
  if (!next) return;
  field('line').value = next.dataset.line;
  field('quantity').value = '';
  field('note').value = '';
  form.querySelector('[data-row]').replaceChildren(next.content.cloneNode(true));
  form.querySelector('[data-label]').textContent = next.dataset.label;
  document.querySelector('[data-place]').textContent = next.dataset.place;
  field('quantity').focus();
}

// MARK: Sending

async function send(entry) {
  const line = {
    line: entry.line, quantity: entry.quantity, note: entry.note || null,
    seconds_ago: Math.min(longest, Math.max(0, Math.round((Date.now() - entry.at) / 1000))),
  };
  try {
    await api(`/stock-checks/${encodeURIComponent(entry.check)}/counts`, {
      method: 'POST', body: { lines: [line] }, signal: AbortSignal.timeout(patience),
    });
    forget(entry);
    return 'sent';
  } catch (error) {
    const code = error.problem?.code ?? '';
    const isRefusal = [404, 409, 422].includes(error.status) || (error.status === 403 && code.startsWith('stock.'));
    return isRefusal && code !== 'stock.changed_meanwhile' ? error.problem?.detail ?? code : 'later';
  }
}

async function flush() {
  if (isSending || keys().length === 0) return;
  isSending = true;
  let sent = 0;
  for (const entry of kept()) {
    const outcome = await send(entry);
    if (outcome === 'later') break;
    if (outcome === 'sent') sent += 1;
    else refuse(entry, outcome);
  }
  isSending = false;
  tell();
  // What the server knows now is shown, unless somebody is typing.
  if (sent > 0 && keys().length === 0 && !document.querySelector('[data-refused]') && ![...document.querySelectorAll('main form')].some(hasTyped)) {
    location.reload();
  }
}

// MARK: Saying so

function tell() {
  const n = keys().length;
  let place = document.querySelector('[data-unsent]');
  if (n === 0) {
    place?.remove();
    return;
  }
  if (!place) {
    place = el('p', { class: 'banner banner-warn', role: 'status', 'data-unsent': true });
    document.querySelector('main').prepend(place);
  }
  const more = form?.hidden ? [el('br'), say('count.no_rows')] : [];
  place.replaceChildren(icon('clock'), el('span', {}, say(n === 1 ? 'count.unsent.one' : 'count.unsent', { n }), ...more));
}

function refuse(entry, why) {
  forget(entry);
  document.querySelector('main').prepend(el(
    'p', { class: 'banner banner-bad', role: 'alert', 'data-refused': true }, icon('alert'),
    el('span', {}, say('count.refused', { name: entry.name, n: entry.quantity }), ' ', why, ' ',
      el('a', { href: `/stock/checks/${entry.check}/count?line=${entry.line}` }, say('count.open')))));
}
