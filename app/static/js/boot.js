// Runs before the first paint: tells the styles that scripts work and how wide the side bar was left, and keeps
// what is pressed and changed before the scripts have come, so that on a slow line nothing of it is lost.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  try {
    if (localStorage.getItem('side') === 'narrow') root.classList.add('side-narrow');
  } catch (error) { /* storage may be switched off */ }

  const pressed = new Set();
  const changed = new Set();
  const keepPress = (event) => {
    const button = event.target.closest('button[type="button"]');
    if (!button) return;
    pressed.add(button);
    event.stopImmediatePropagation(); // a script that is there already would do it now, and once more with the rest
  };
  const keepChange = ({ target }) => changed.add(target);
  document.addEventListener('click', keepPress, true);
  document.addEventListener('change', keepChange, true);
  document.addEventListener('DOMContentLoaded', () => {
    document.removeEventListener('click', keepPress, true);
    document.removeEventListener('change', keepChange, true);
    changed.forEach((box) => box.dispatchEvent(new Event('change', { bubbles: true })));
    pressed.forEach((button) => button.click());
  });
})();
