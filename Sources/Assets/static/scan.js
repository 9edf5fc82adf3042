// Stock: the camera as a scanner where the browser can read codes, the form anew where the kind of document
// changes, Ctrl-Enter for the button that posts, scan - quantity - Enter, and counts by one more or one less.
import { hint, isComposing } from './dom.js';
import { say } from './say.js';

// A quantity as people type it; what else comes in there is the next scan.
const quantity = /^\d{1,6}$/;
const canRead = 'BarcodeDetector' in window && navigator.mediaDevices?.getUserMedia;

for (const field of document.querySelectorAll('[data-scan]')) {
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
const draft = document.querySelector('button[name="do"][value="add"]')?.form;

if (draft) {
  draft.addEventListener('change', (event) => {
    if (event.target.matches('[data-resend]')) press(draft, 'button[value="add"]');
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !draft.contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    press(draft, '[data-send]');
  }, true);
  // What was just scanned is asked for its quantity; Enter goes back to scanning.
  const scanned = draft.querySelector('[data-scanned]');
  scanned?.focus();
  scanned?.select();
  scanned?.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || isComposing(event)) return;
    const typed = scanned.value.normalize('NFKC').trim();
    if (quantity.test(typed)) return;
    draft.querySelector('[data-scan]').value = typed;
    scanned.value = scanned.defaultValue;
  });
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
