// Import page: while the server reads, checks or writes a workbook, a bar shows how far it is.
'use strict';

(() => {
  const place = document.querySelector('[data-progress]');
  if (!place) return;
  const showAfter = 300;
  const askEvery = 400;
  const bar = place.querySelector('progress');
  const words = place.querySelector('[data-words]');
  const aloud = place.querySelector('[data-aloud]');
  const wait = words.textContent;
  let phase = 'none';
  let timer = 0;

  function show(step) {
    place.hidden = false;
    words.textContent = step.words || wait;
    if (step.phase !== phase) aloud.textContent = words.textContent;
    phase = step.phase;
    bar.max = step.total || 1;
    if (step.total) bar.value = step.done;
    else bar.removeAttribute('value');
  }

  async function ask() {
    let step = {};
    try {
      const answer = await fetch(place.dataset.progress, { headers: { Accept: 'application/json' } });
      if (answer.ok) step = await answer.json();
    } catch (error) { /* the bar is a help: the answer itself comes anyway */ }
    if (!timer) return;
    show(step);
    timer = setTimeout(ask, askEvery);
  }

  function rest() {
    clearTimeout(timer);
    timer = 0;
    place.hidden = true;
  }

  document.addEventListener('submit', (event) => {
    if (event.defaultPrevented || timer || new URL(event.target.action).pathname !== place.dataset.of) return;
    timer = setTimeout(ask, showAfter);
  });
  window.addEventListener('pageshow', (event) => { if (event.persisted) rest(); });
})();
