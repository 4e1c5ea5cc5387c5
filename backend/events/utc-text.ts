/** `YYYY-MM-DD HH:MM:SS UTC`, how the contract writes times in JSON. */
export function utcText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
