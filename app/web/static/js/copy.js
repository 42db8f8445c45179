// What is copied rather than typed: code and secrets get a button beside them.
'use strict';

(() => {
  const { say, el, icon } = Gis;
  const SHOWN_FOR = 2000;

  /** Pages that are not under https have no clipboard: there the text is marked, and copied as by hand. */
  async function copy(place) {
    try {
      await navigator.clipboard.writeText(place.textContent);
      return true;
    } catch (error) {
      window.getSelection().selectAllChildren(place);
      return document.execCommand('copy');
    }
  }

  function start(box) {
    const place = box.querySelector('[data-copied]');
    const words = el('span', { role: 'status' }, say('copy'));
    const button = el('button', { type: 'button', class: 'btn small copy' }, icon('fa-copy'), words);
    button.addEventListener('click', async () => {
      words.textContent = say(await copy(place) ? 'copied' : 'copyByHand');
      setTimeout(() => { words.textContent = say('copy'); }, SHOWN_FOR);
    });
    box.append(button);
  }

  document.querySelectorAll('[data-copies]').forEach(start);

  /** A folded part whose line the address names opens. */
  function unfold() {
    const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const part = place && place.closest('details');
    if (part && !part.open) {
      part.open = true;
      place.scrollIntoView();
    }
  }

  window.addEventListener('hashchange', unfold);
  unfold();
})();
