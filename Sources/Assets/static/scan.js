// Stock: the camera as a scanner where the browser can read codes, the form anew where the kind of document
// changes, Ctrl-Enter for the button that posts, scan - quantity - Enter, and counts by one more or one less.
import { hint, isComposing } from './dom.js';
import { say } from './say.js';

// A quantity as people type it; what else comes in there is the next scan.
const quantity = /^\d{1,6}$/;
const canRead = 'BarcodeDetector' in window && navigator.mediaDevices?.getUserMedia;

document.querySelectorAll('[data-scan]').forEach(scanField);

function scanField(field) {
  field.addEventListener('keydown', (event) => {
    const next = field.form.querySelector('[data-scan-next]');
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || isComposing(event) || !next || !field.value.trim()) return;
    event.preventDefault();
    next.focus();
    next.select();
  });
  if (canRead) camera(field);
}

// A document being written: its lines are made by the button "add", which Enter presses.
let draft = document.querySelector('button[name="do"][value="add"]')?.form;
// What is typed until the answer comes, as names of keys; null while none is awaited.
let typed = null;
let hasLines = false;

if (draft) {
  document.addEventListener('keydown', (event) => {
    if (typed === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== 'Enter' && event.key !== 'Backspace' && event.key.length !== 1) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    typed.push(event.key);
  }, true);
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !draft.contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (typed) typed.push('Send');
    else press(draft, '[data-send]');
  }, true);
  addEventListener('beforeunload', (event) => {
    if (hasLines && draft.dataset.sent === undefined) event.preventDefault();
  });
  drafted();
}

// The form as it came, at first or with one line more.
function drafted() {
  draft.addEventListener('change', (event) => {
    if (event.target.matches('[data-resend]')) whole();
  });
  draft.addEventListener('submit', (event) => {
    if (draft.dataset.whole !== undefined) return;
    const adds = event.submitter?.value === 'add';
    if (adds || typed) event.preventDefault();
    if (adds && !typed) add(event.submitter);
  });
  // What was just scanned is asked for its quantity; Enter goes back to scanning. What was refused is
  // written over by the next scan.
  const scan = draft.querySelector('[data-scan]');
  const scanned = draft.querySelector('[data-scanned]');
  const first = scanned ?? (scan.getAttribute('aria-invalid') ? scan : null);
  first?.focus();
  first?.select();
  scanned?.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !isComposing(event)) asQuantity(scanned, scan);
  });
}

// A quantity stays; anything else is the next scan.
function asQuantity(scanned, scan) {
  const said = scanned.value.normalize('NFKC').trim();
  if (quantity.test(said)) return;
  scan.value = said;
  scanned.value = scanned.defaultValue;
}

// One line more, without leaving the page: keys that come before the answer wait for it.
async function add(button) {
  const body = new URLSearchParams(new FormData(draft));
  body.append(button.name, button.value);
  typed = [];
  let next = null;
  let summary = null;
  try {
    // On a line that has died, keys aren't kept for ever: the form then goes as one without script.
    const response = await fetch(draft.action, { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
    const answer = new DOMParser().parseFromString(await response.text(), 'text/html');
    next = response.redirected ? null : answer.querySelector('button[name="do"][value="add"]')?.form;
    summary = answer.querySelector('main .error-summary');
  } catch {
    next = null;
  }
  const waiting = typed;
  typed = null;
  if (!next) {
    whole();
    return;
  }
  document.querySelectorAll('main .error-summary').forEach((old) => old.remove());
  const isInside = next.contains(summary);
  next = document.adoptNode(next);
  draft.replaceWith(next);
  if (summary && !isInside) next.before(document.adoptNode(summary));
  draft = next;
  hasLines = draft.querySelector('[name="lines.0.part_id"]') !== null;
  draft.querySelectorAll('[data-scan]').forEach(scanField);
  (document.querySelector('[data-focus]') ?? draft.querySelector('[data-scan]')).focus();
  drafted();
  while (waiting.length && typed === null) key(waiting.shift());
  typed?.push(...waiting);
}

// A key that had to wait, into the field that it was meant for.
function key(name) {
  if (name === 'Send') {
    press(draft, '[data-send]');
    return;
  }
  const field = document.activeElement;
  if (!draft.contains(field) || !(field instanceof HTMLInputElement)) return;
  if (name === 'Enter') {
    if (field.matches('[data-scanned]')) asQuantity(field, draft.querySelector('[data-scan]'));
    press(draft, 'button[value="add"]');
  } else if (name === 'Backspace') {
    const from = field.selectionStart === field.selectionEnd ? Math.max(0, field.selectionStart - 1) : field.selectionStart;
    field.setRangeText('', from, field.selectionEnd, 'end');
  } else {
    field.setRangeText(name, field.selectionStart, field.selectionEnd, 'end');
  }
}

// As a form without script goes: with a page of its own for an answer.
function whole() {
  draft.dataset.whole = '';
  hasLines = false;
  press(draft, 'button[value="add"]');
}

// One more, one less.
for (const button of document.querySelectorAll('[data-by]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const input = button.parentElement.querySelector('input');
    input.value = String(Math.max(0, (Number.parseInt(input.value, 10) || 0) + Number(button.dataset.by)));
  });
}

function press(form, selector) {
  form.requestSubmit(form.querySelector(selector) ?? undefined);
}

function camera(field) {
  const place = field.closest('.field');
  const button = place?.querySelector('[data-camera]');
  const view = place?.querySelector('[data-camera-view]');
  if (!button || !view) return;
  button.hidden = false;
  let stream = null;
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    view.hidden = true;
  };
  button.addEventListener('click', async () => {
    if (stream) {
      stop();
      return;
    }
    try {
      const detector = new window.BarcodeDetector({ formats: ['qr_code', 'code_128', 'code_39', 'data_matrix'] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      view.srcObject = stream;
      view.hidden = false;
      await view.play();
      const look = async () => {
        if (!stream) return;
        const [code] = await detector.detect(view).catch(() => []);
        if (code?.rawValue) {
          stop();
          field.value = code.rawValue;
          // Where more is to be said of it, that comes next; else it becomes a line, or is looked for.
          const next = field.form.querySelector('[data-scan-next]');
          if (next) next.select();
          else press(field.form, 'button[value="add"], button[type="submit"]');
          return;
        }
        setTimeout(look, 150);
      };
      look();
    } catch {
      stop();
      hint(say('scan.no_camera'));
    }
  });
  addEventListener('pagehide', stop);
}
