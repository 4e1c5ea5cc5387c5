/**
 * Does a referrer filter match? Everything in a filter is literal but `*`, which is any run of characters within a
 * line; the whole text must match, with case (contract section 3). Takes at most filter × text steps, whatever the
 * filter holds, which a regular expression with several `*` does not.
 */
export function matchesFilter(filter: string, text: string): boolean {
  // A `*` never crosses a line end, so lines match one to one.
  const filterLines = filter.split('\n');
  const textLines = text.split('\n');
  if (filterLines.length !== textLines.length) return false;
  return filterLines.every((line, i) => matchesLine(line, textLines[i] ?? ''));
}

function matchesLine(filter: string, text: string): boolean {
  let f = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (filter[f] === '*') {
      star = f++;
      resume = t;
    } else if (f < filter.length && filter[f] === text[t]) {
      f++;
      t++;
    } else if (star !== -1) {
      f = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (filter[f] === '*') f++;
  return f === filter.length;
}
