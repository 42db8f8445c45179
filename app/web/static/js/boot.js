// Runs before the first paint: tells the styles that scripts work and how wide the side bar was left, and keeps
// what is pressed and changed before all scripts have come, so that on a slow line it is neither lost nor done twice.
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
    event.stopImmediatePropagation();
    pressed.add(button);
  };
  const keepChange = (event) => {
    event.stopImmediatePropagation();
    changed.add(event.target);
  };
  document.addEventListener('click', keepPress, true);
  document.addEventListener('change', keepChange, true);
  document.addEventListener('DOMContentLoaded', () => {
    document.removeEventListener('click', keepPress, true);
    document.removeEventListener('change', keepChange, true);
    changed.forEach((box) => box.dispatchEvent(new Event('change', { bubbles: true })));
    pressed.forEach((button) => button.click());
  });
})();
