// Locked boxes of a form on a narrow screen: lines of text, of which long ones wrap and many fold.
'use strict';

(() => {
  const form = document.querySelector('form[data-record]');
  if (!form) return;
  const { say, el } = Gis;
  const MOST = 5;
  const UNFOLDED = 4;

  function textOf(control) {
    if (control.tagName !== 'SELECT') return control.value;
    return control.value && control.selectedOptions.length ? control.selectedOptions[0].text : '';
  }

  /** The line beside a locked box, which itself stays for readers of screens and for sending. */
  function start(field) {
    const control = field.querySelector('select, .box');
    if (!control) return;
    const line = el('p', { class: 'line-text', 'aria-hidden': 'true' });
    const draw = () => {
      const text = textOf(control);
      line.textContent = text || control.placeholder || '—';
      line.classList.toggle('blank', !text);
    };
    field.classList.add('lined');
    field.querySelector('.field-label').after(line);
    form.addEventListener('change', draw);
    form.addEventListener('filled', draw);
    draw();
  }

  /** Of many lines in a row the first few stand open. */
  function fold(fields) {
    const lines = [...fields.children].filter((field) => field.matches('.lined:not(.bad)'));
    if (lines.length <= MOST) return;
    const rest = lines.slice(UNFOLDED);
    const button = el('button', { type: 'button', class: 'link unfold' }, say('unfold', String(rest.length)));
    rest.forEach((field) => field.classList.add('folded'));
    button.addEventListener('click', () => {
      rest.forEach((field) => field.classList.remove('folded'));
      button.remove();
      rest[0].querySelector('input, select, textarea').focus({ preventScroll: true });
    });
    rest[rest.length - 1].after(button);
  }

  form.querySelectorAll('.fields > .field.locked').forEach(start);
  form.querySelectorAll('.fields').forEach(fold);
})();
