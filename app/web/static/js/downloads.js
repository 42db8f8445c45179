// 我的导出: while a list is being written, its line says how far it is.
'use strict';

(() => {
  const askEvery = 1500;
  const place = document.getElementById('downloads');

  async function ask() {
    let fresh = null;
    try {
      const answer = await fetch(place.dataset.again);
      const page = answer.ok && !answer.redirected ? await answer.text() : '';
      fresh = new DOMParser().parseFromString(page, 'text/html').getElementById('downloads');
    } catch (error) { /* it is asked again */ }
    if (fresh && !place.contains(document.activeElement)) place.replaceChildren(...fresh.childNodes);
    if (!fresh || fresh.dataset.again) setTimeout(ask, askEvery);
  }

  if (place.dataset.again) setTimeout(ask, askEvery);
})();
