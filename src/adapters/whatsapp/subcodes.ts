/** What code 100 leaves open, and only its subcode tells. */
export const subcodeMeanings: ReadonlyMap<number, string> = new Map([
  [33, 'the object does not exist, or the token may not see it'],
  [2388019, 'the account has as many templates as it may'],
  [2388023, 'the template of this name and language is being deleted'],
  [2388024, 'a template of this name and language exists'],
  [2388040, 'a text of the template is too long'],
  [2388047, "the template's header has the wrong format"],
  [2388072, "the template's body has the wrong format"],
  [2388073, "the template's footer has the wrong format"],
  [2388293, 'the template has too many parameters for its length'],
  [2388299, 'the body may not begin or end with a parameter'],
]);
