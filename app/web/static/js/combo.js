// Long selects (data-combo) become a box that filters its options; the select keeps the value and is what is sent.
'use strict';

(() => {
  const { say, el } = Gis;

  function start(select) {
    const id = select.id;
    const list = el('ul', { class: 'combo-list', role: 'listbox', id: `${id}-list`, hidden: true });
    const box = el('input', {
      class: 'box', type: 'text', id, role: 'combobox', autocomplete: 'off', placeholder: select.dataset.hint || select.options[0].text,
      'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': `${id}-list`,
    });
    for (const name of ['aria-describedby', 'aria-invalid', 'required', 'disabled']) {
      if (select.hasAttribute(name)) box.setAttribute(name, select.getAttribute(name));
    }
    const label = document.querySelector(`label[for="${CSS.escape(id)}"]`);
    if (label) list.setAttribute('aria-label', label.textContent);
    select.id = `${id}-select`;
    select.hidden = true;
    select.required = false;
    const frame = el('div', { class: 'combo' });
    select.replaceWith(frame);
    frame.append(box, list, select);
    let shown = [];
    let at = -1;

    const chosenText = () => (select.value ? select.options[select.selectedIndex].text : '');
    const sync = () => { if (list.hidden) box.value = chosenText(); };

    function mark(index) {
      at = index;
      [...list.children].forEach((item, position) => item.classList.toggle('at-cursor', position === at));
      const item = list.children[at];
      if (item && shown.length) {
        box.setAttribute('aria-activedescendant', item.id);
        item.scrollIntoView({ block: 'nearest' });
      } else box.removeAttribute('aria-activedescendant');
    }

    function open(word) {
      const wanted = word.trim().toLowerCase();
      shown = [...select.options].filter((option) => option.text.toLowerCase().includes(wanted));
      list.replaceChildren(...shown.map((option, index) => {
        const item = el('li', { role: 'option', id: `${id}-o${index}`, 'aria-selected': String(option.selected) }, option.text);
        item.addEventListener('mousedown', (event) => { event.preventDefault(); take(index); });
        return item;
      }));
      if (!shown.length) list.append(el('li', { class: 'none', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, say('noOption')));
      list.hidden = false;
      box.setAttribute('aria-expanded', 'true');
      mark(wanted ? 0 : shown.findIndex((option) => option.selected));
    }

    function close() {
      list.hidden = true;
      box.setAttribute('aria-expanded', 'false');
      box.removeAttribute('aria-activedescendant');
      sync();
    }

    function take(index) {
      if (!shown[index]) return;
      select.value = shown[index].value;
      close();
      select.dispatchEvent(new Event('change', { bubbles: true }));
    }

    box.addEventListener('click', () => { if (list.hidden) { open(''); box.select(); } });
    box.addEventListener('input', (event) => { if (event.isTrusted) open(box.value); });
    box.addEventListener('change', (event) => event.stopPropagation());
    box.addEventListener('blur', close);
    box.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        if (list.hidden) open('');
        else mark((at + (event.key === 'ArrowDown' ? 1 : -1) + shown.length) % Math.max(shown.length, 1));
      } else if (event.key === 'Enter' && !list.hidden) {
        event.preventDefault();
        take(at);
      } else if (event.key === 'Escape' && !list.hidden) {
        event.stopPropagation();
        close();
      }
    });
    select.addEventListener('change', sync);
    window.addEventListener('pageshow', sync);
    sync();
  }

  Gis.dress('select[data-combo]', start);
})();
