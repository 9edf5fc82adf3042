// Comforts of forms: one submission per press, the error summary in focus, a warning before typed words
// are lost, drop zones with a list of what was chosen, full-width letters folded in serial numbers, and
// Enter that ends an input method's composition without submitting.
import { el, icon, isComposing } from './dom.js';
import { say } from './say.js';

const busyFor = 20_000;

export function start() {
  document.querySelector('[data-focus]')?.focus();
  document.addEventListener('submit', once);
  addEventListener('pageshow', (event) => { if (event.persisted) document.querySelectorAll('form[data-sent]').forEach(release); });
  addEventListener('beforeunload', (event) => { if (anyUnsaved()) event.preventDefault(); });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && isComposing(event) && event.target instanceof HTMLInputElement) event.preventDefault();
  }, true);
  document.addEventListener('change', (event) => {
    if (event.target.matches?.('input.sn, input[data-fold]')) fold(event.target);
    if (event.target.matches?.('.file-pick input')) list(event.target);
  });
  document.addEventListener('compositionend', (event) => {
    if (event.target.matches?.('input.sn, input[data-fold]')) fold(event.target);
  });
  for (const kind of ['dragover', 'dragleave', 'drop']) document.addEventListener(kind, drag);
  // A link in the error summary puts the cursor into its field, also where that is a group.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('.error-summary a[href^="#"]');
    const place = link && document.getElementById(link.hash.slice(1));
    const field = place?.matches('fieldset') ? place.querySelector('input, select, textarea') : place;
    if (field) {
      event.preventDefault();
      field.focus();
      field.scrollIntoView({ block: 'center' });
    }
  });
}

// MARK: Once

function once(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = '';
  event.submitter?.setAttribute('aria-busy', 'true');
  // Not disabled: a disabled button's own value would not be sent. After a while one may try again.
  setTimeout(() => release(form), busyFor);
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll('[aria-busy]').forEach((b) => b.removeAttribute('aria-busy'));
}

// MARK: Unsaved words

const isUnsaved = (field) => {
  if (field.type === 'hidden' || field.type === 'password' || field.dataset.kept !== undefined) return false;
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  if (field.type === 'file') return field.files.length > 0;
  if (field instanceof HTMLSelectElement) {
    const options = [...field.options];
    const first = options.some((o) => o.defaultSelected) ? null : options[0];
    return options.some((o) => o.selected !== (first ? o === first : o.defaultSelected));
  }
  return 'defaultValue' in field && field.value !== field.defaultValue;
};

// Whether what stands in a form's fields is not what the page came with.
export function hasTyped(form) {
  return [...form.elements].some(isUnsaved);
}

function anyUnsaved() {
  return [...document.querySelectorAll('main form[method=post]:not([data-nowarn])')]
    .some((form) => form.dataset.sent === undefined && !form.closest('.door') && hasTyped(form));
}

// MARK: Serial numbers

function fold(field) {
  const folded = field.value.normalize('NFKC').trim();
  if (folded !== field.value) field.value = folded;
}

// MARK: Files

function drag(event) {
  const zone = event.target.closest?.('.drop, .composer');
  const input = zone?.querySelector('.file-pick input');
  if (!input || ![...(event.dataTransfer?.types ?? [])].includes('Files')) return;
  if (event.type === 'dragleave') {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove('drop-over');
    return;
  }
  event.preventDefault();
  zone.classList.toggle('drop-over', event.type === 'dragover');
  if (event.type !== 'drop') return;
  const dropped = [...event.dataTransfer.files];
  take(input, input.multiple ? [...input.files, ...dropped] : dropped.slice(0, 1));
}

function take(input, files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  list(input);
}

function list(input) {
  const zone = input.closest('.drop, .composer');
  const files = [...input.files];
  let shown = zone.querySelector('.drop-list');
  if (!shown) {
    shown = el('ul', { class: 'drop-list', 'aria-live': 'polite' });
    zone.insertBefore(shown, zone.querySelector('.composer-foot'));
  }
  const total = files.reduce((sum, f) => sum + f.size, 0);
  const sum = files.length === 0 ? say('files.none')
    : say(files.length === 1 ? 'files.one' : 'files.many', { n: files.length, size: size(total) });
  shown.replaceChildren(
    el('li', { class: 'muted' }, sum),
    ...files.map((file) => el('li', {}, icon('file'), el('span', {}, file.name), el('small', {}, size(file.size)),
      el('button', {
        class: 'btn btn-quiet btn-icon btn-s', type: 'button', 'aria-label': say('files.remove', { name: file.name }),
        onclick: () => take(input, files.filter((f) => f !== file)),
      }, icon('x')))));
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
