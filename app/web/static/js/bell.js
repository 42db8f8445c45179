// 通知: the bell opens the newest notices in place; on a phone, and without a script, it leads to their page.
'use strict';

(() => {
  const bell = document.querySelector('[data-bell]');
  const box = document.getElementById('bell');
  if (!bell || !box) return;
  const wide = window.matchMedia('(min-width: 768px)');

  /** The list as the server lays it out: a document of its own, of which only the parts are taken over. */
  async function fetched(signal, query) {
    const answer = await fetch(bell.dataset.bell + query, { signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), 'text/html').body.childNodes;
  }

  const load = Gis.asker({
    ask: (signal) => fetched(signal, box.dataset.query || ''),
    use(found) {
      const inside = box.contains(document.activeElement);
      box.replaceChildren(...found);
      Gis.added(box);
      if (inside) box.focus();
    },
    fail: () => window.location.assign(bell.href),
  });

  function show(is) {
    box.hidden = !is;
    bell.setAttribute('aria-expanded', String(is));
    if (is) {
      load();
      box.focus();
    }
  }

  bell.addEventListener('click', (event) => {
    if (!wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(box.hidden);
  });
  box.addEventListener('click', (event) => {
    const tab = event.target.closest('[data-bell-tab]');
    if (!tab) return;
    event.preventDefault();
    box.dataset.query = new URL(tab.href).search;
    load();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || box.hidden) return;
    show(false);
    bell.focus();
  });
  document.addEventListener('click', (event) => {
    if (!box.hidden && !box.contains(event.target) && !bell.contains(event.target)) show(false);
  });
  bell.setAttribute('aria-expanded', 'false');
})();
