/**
 * A text as one line for a terminal. Names and values in policies, manifests and answers may hold anything: they must not
 * steer the terminal, nor begin a line that looks like one of ours. Line breaks become a space, tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\n\r\u2028\u2029]+/g, ' ').replaceAll(/[\0-\u0008\u000B-\u001F\u007F-\u009F]/g, '\uFFFD');
}
