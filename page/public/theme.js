// Runs before the first paint, so that a page whose reader chose the other theme does not flash.
try {
  const chosen = localStorage.getItem('octile-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; the system's preference then holds.
}
