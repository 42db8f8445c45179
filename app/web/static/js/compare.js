// Compares a file with the kept one by SHA-256, in the browser: nothing leaves the reader's machine.
'use strict';

(() => {
  const input = document.querySelector('[data-sha256]');
  if (!input) return;
  const answer = document.querySelector('[data-compared]');
  const { say } = Gis;

  function show(word, tone) {
    answer.className = tone;
    answer.textContent = say(word);
  }

  async function digest(file) {
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  async function verdict() {
    if (!input.files.length) return ['', ''];
    if (!window.crypto || !window.crypto.subtle) return ['cannotCompare', 'different'];
    show('comparing', '');
    const found = await digest(input.files[0]);
    if (found === input.dataset.sha256.toLowerCase()) return ['same', 'same'];
    return input.dataset.superseded.split(' ').includes(found) ? ['superseded', 'different'] : ['different', 'different'];
  }

  const compare = Gis.asker({ ask: verdict, use: (found) => show(...found), fail: () => show('pickFailed', 'different') });
  input.addEventListener('change', () => compare());
})();
