// List page: folding search, blanks not sent, rows picked for a bulk action, page size.
'use strict';

(() => {
  const search = document.querySelector('form.search');
  if (!search) return;
  const fold = search.querySelector('[data-fold]');

  function setOpen(opened) {
    search.classList.toggle('open', opened);
    fold.setAttribute('aria-expanded', String(opened));
    fold.querySelector('[data-fold-text]').textContent = Gis.say(opened ? 'foldIn' : 'foldOut');
  }

  if (fold) {
    fold.addEventListener('click', () => setOpen(!search.classList.contains('open')));
    const phone = window.matchMedia('(max-width: 639px)');
    const fit = () => { fold.hidden = fold.dataset.fold === 'phone' && !phone.matches; };
    phone.addEventListener('change', fit);
    fit();
  }
  search.addEventListener('submit', () => {
    for (const control of search.elements) {
      if (control.name && !control.value.trim()) control.disabled = true;
    }
  });
  window.addEventListener('pageshow', () => {
    for (const control of search.elements) control.disabled = false;
  });
})();

(() => {
  document.querySelectorAll('select[data-go]').forEach((select) => select.addEventListener('change', () => {
    window.location.assign(select.value);
  }));
})();

(() => {
  const all = document.querySelector('[data-pick-all]');
  if (!all) return;
  const boxes = [...document.querySelectorAll('[data-pick]')];
  const buttons = document.querySelectorAll('[data-bulk]');
  const note = document.querySelector('[data-picked]');

  function show() {
    const picked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest('tr').classList.toggle('picked', box.checked));
    all.checked = picked.length > 0 && picked.length === boxes.length;
    all.indeterminate = picked.length > 0 && picked.length < boxes.length;
    buttons.forEach((button) => { button.disabled = picked.length === 0; });
    note.textContent = picked.length ? Gis.say('picked', picked.length) : '';
  }

  all.addEventListener('change', () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    show();
  });
  boxes.forEach((box) => box.addEventListener('change', show));
  buttons.forEach((button) => button.addEventListener('click', async () => {
    const pairs = boxes.filter((box) => box.checked).map((box) => ['key', box.value]);
    const { confirm, bulk, name } = button.dataset;
    if (confirm && !await Gis.ask(confirm)) return;
    Gis.post(bulk, [['action', name], ...pairs]);
  }));
  window.addEventListener('pageshow', show);
  show();
})();
