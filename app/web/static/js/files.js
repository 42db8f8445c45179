// File boxes: files chosen or photographed one after another add up, each can be taken back before sending.
'use strict';

(() => {
  const sizeText = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

  function start(input) {
    const list = document.getElementById(`${input.id}-chosen`);
    const camera = input.closest('.field').querySelector('input[capture]');
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

    function take(files) {
      const fresh = files.filter((file) => !chosen.some((old) => old.name === file.name && old.size === file.size));
      chosen = input.multiple ? [...chosen, ...fresh] : files;
      show();
    }

    input.addEventListener('change', (event) => {
      if (event.detail !== 'taken') take([...input.files]);
    });
    // A photograph goes the way of a chosen file; the camera's own box is never sent.
    if (camera) camera.addEventListener('change', (event) => {
      event.stopPropagation();
      take([...camera.files]);
      camera.value = '';
      input.dispatchEvent(new CustomEvent('change', { bubbles: true, detail: 'taken' }));
    });
    [input, camera].filter(Boolean).forEach(ring);
  }

  /** The frame shows the focus of the box that it covers. */
  function ring(box) {
    const frame = box.closest('.add-file');
    box.addEventListener('focus', () => frame.classList.toggle('focus', box.matches(':focus-visible')));
    box.addEventListener('blur', () => frame.classList.remove('focus'));
  }

  Gis.dress('.add-file input[name]', start);
  Gis.dress('[data-kept] input[type=checkbox]', (box) => {
    const fit = () => box.closest('li').classList.toggle('going', box.checked);
    box.addEventListener('change', fit);
    fit();
  });
})();
