// File boxes: files chosen one after another add up, each can be taken back before sending.
'use strict';

(() => {
  const sizeText = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

  function start(input) {
    const list = document.getElementById(`${input.id}-chosen`);
    const frame = input.closest('.add-file');
    let chosen = [];

    function show() {
      const box = new DataTransfer();
      chosen.forEach((file) => box.items.add(file));
      input.files = box.files;
      list.hidden = chosen.length === 0;
      list.replaceChildren(...chosen.map(line));
    }

    function line(file) {
      const button = Gis.el('button', { type: 'button', class: 'link danger', 'aria-label': Gis.say('removeFile', file.name) }, Gis.say('remove'));
      button.addEventListener('click', () => {
        chosen = chosen.filter((other) => other !== file);
        show();
        input.dispatchEvent(new CustomEvent('change', { bubbles: true, detail: 'taken' }));
        input.focus();
      });
      return Gis.el('li', {}, Gis.el('span', { class: 'name' }, Gis.icon('fa-paperclip'), file.name),
        Gis.el('span', { class: 'size' }, sizeText(file.size)), button);
    }

    input.addEventListener('change', (event) => {
      if (event.detail === 'taken') return;
      const fresh = [...input.files].filter((file) => !chosen.some((old) => old.name === file.name && old.size === file.size));
      chosen = input.multiple ? [...chosen, ...fresh] : [...input.files];
      show();
    });
    input.addEventListener('focus', () => frame.classList.toggle('focus', input.matches(':focus-visible')));
    input.addEventListener('blur', () => frame.classList.remove('focus'));
  }

  Gis.dress('.add-file input[type=file]', start);
  Gis.dress('[data-kept] input[type=checkbox]', (box) => {
    const fit = () => box.closest('li').classList.toggle('going', box.checked);
    box.addEventListener('change', fit);
    fit();
  });
})();
