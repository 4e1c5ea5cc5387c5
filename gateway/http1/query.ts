/** A query without the parameters of those names. Names are compared decoded, as an upstream would read them. */
export function dropParameters(query: string, names: ReadonlySet<string>): string {
  const kept = query.split('&').filter((parameter) => !names.has(nameOf(parameter)));
  return kept.join('&');
}

function nameOf(parameter: string): string {
  const end = parameter.indexOf('=');
  const name = end === -1 ? parameter : parameter.slice(0, end);
  if (!name.includes('%') && !name.includes('+')) return name;
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    // Not UTF-8, so it is no name that we know.
    return name;
  }
}
