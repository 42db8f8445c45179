// Runs before the first paint: tells the styles that scripts work and how wide the side bar was left.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  try {
    if (localStorage.getItem('side') === 'narrow') root.classList.add('side-narrow');
  } catch (error) { /* storage may be switched off */ }
})();
