// The dialog behind 选择: keyword, rows from the server, one chosen row fills its box and the boxes that depend on it.
'use strict';

(() => {
  const dialog = document.getElementById('pick');
  if (!dialog) return;
  const { say, el } = Gis;
  const part = (name) => dialog.querySelector(name);
  const word = document.getElementById('pick-word');
  const head = part('thead tr');
  const body = part('tbody');
  const note = part('[data-pick-note]');
  const yes = part('[data-pick-yes]');
  let group = null;
  let rows = [];

  const code = /^[\x21-\x7e]+$/;
  const boxOf = (place) => place.querySelector('.box');
  const hiddenOf = (place) => place.querySelector('input[type=hidden]');
  const labelOf = (place) => place.closest('.field').dataset.label;

  function setPicker(key, label) {
    hiddenOf(group).value = key;
    boxOf(group).value = label;
    Gis.changed(boxOf(group));
  }

  function fill(form, name, value) {
    const control = Gis.setValue(form, name, value);
    if (control) Gis.changed(control, 'filled');
  }

  /** A choice is what the person said last: it fills the boxes that depend on it, also those typed in before. */
  function take(row) {
    const { form } = hiddenOf(group);
    dialog.close();
    setPicker(row.key, row.label);
    Object.entries(row.fill || {}).forEach(([name, value]) => fill(form, name, value));
  }

  const chosen = () => rows[Number((body.querySelector('input:checked') || { value: -1 }).value)];

  function rowNode(row, index, ticked) {
    const radio = el('input', { type: 'radio', name: 'pick-row', value: index, 'aria-label': row.label });
    radio.checked = String(row.key) === ticked;
    const tr = el('tr', { role: 'row' }, el('td', { class: 'pick', role: 'cell' }, radio));
    row.cells.forEach((text, at) => tr.append(el('td', { role: 'cell', class: code.test(text) && 'is-code', 'data-label': head.children[at + 1].textContent }, text || '—')));
    tr.addEventListener('click', () => { radio.checked = true; mark(); });
    tr.addEventListener('dblclick', () => take(row));
    return tr;
  }

  function mark() {
    body.querySelectorAll('tr').forEach((tr) => tr.classList.toggle('picked', tr.querySelector('input').checked));
    yes.disabled = !chosen();
  }

  function show(answer) {
    const ticked = chosen() ? String(chosen().key) : hiddenOf(group).value;
    rows = answer.rows;
    head.replaceChildren(el('th', { scope: 'col', role: 'columnheader' }, el('span', { class: 'sr' }, say('pickTitle', ''))),
      ...answer.columns.map((column) => el('th', { scope: 'col', role: 'columnheader' }, column.label)));
    body.replaceChildren(...rows.map((row, index) => rowNode(row, index, ticked)));
    note.textContent = rows.length === 0 ? say('pickNone')
      : answer.total > rows.length ? say('pickMore', answer.total, rows.length) : say('pickTotal', answer.total);
    mark();
  }

  const load = Gis.asker({
    state: () => word.value.trim(),
    ask: (signal) => {
      note.textContent = say('loading');
      const url = new URL(group.dataset.picker, window.location.href);
      url.searchParams.set('q', word.value.trim());
      return Gis.json(url, { signal });
    },
    use: show,
    fail: () => { note.textContent = say('pickFailed'); },
  });

  function start(place) {
    group = place;
    rows = [];
    word.value = '';
    body.replaceChildren();
    yes.disabled = true;
    document.getElementById('pick-title').textContent = say('pickTitle', labelOf(place));
    part('[data-pick-clear]').hidden = !hiddenOf(place).value;
    Gis.open(dialog);
    word.focus();
    load();
  }

  let timer = 0;
  word.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(load, 300);
  });
  part('[data-pick-search]').addEventListener('submit', (event) => {
    event.preventDefault();
    load();
  });
  body.addEventListener('change', mark);
  yes.addEventListener('click', () => take(chosen()));
  part('[data-pick-clear]').addEventListener('click', () => {
    dialog.close();
    setPicker('', '');
  });
  dialog.addEventListener('close', () => boxOf(group).focus());
  Gis.dress('[data-picker]', (place) => {
    place.querySelector('button').addEventListener('click', () => start(place));
    boxOf(place).addEventListener('click', () => start(place));
    boxOf(place).addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === 'ArrowDown') { event.preventDefault(); start(place); }
    });
  });
})();
