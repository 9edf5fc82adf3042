// Stock: the camera as a scanner where the browser can read codes, the form anew where the kind
// of document changes, Ctrl-Enter for the button that posts, and counts by one more or one less.
import { hint } from './dom.js';
import { say } from './say.js';

const field = document.querySelector('[data-scan]');
const form = field?.form;

if (form) {
  form.addEventListener('change', (event) => {
    if (event.target.matches('[data-resend]')) press(form.querySelector('button[value="add"]'));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !form.contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    press(form.querySelector('[data-send]'));
  }, true);
  if ('BarcodeDetector' in window && navigator.mediaDevices?.getUserMedia) camera();
}

// One more, one less.
for (const button of document.querySelectorAll('[data-by]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const input = button.parentElement.querySelector('input');
    input.value = String(Math.max(0, (Number.parseInt(input.value, 10) || 0) + Number(button.dataset.by)));
  });
}

function press(button) {
  form.requestSubmit(button);
}

function camera() {
  const button = form.querySelector('[data-camera]');
  const view = form.querySelector('[data-camera-view]');
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
          // Where more is to be said of it, that comes next; else it becomes a line.
          const next = form.querySelector('[data-scan-next]');
          if (next) next.select();
          else press(form.querySelector('button[value="add"]'));
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
