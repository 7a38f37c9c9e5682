/** A title as a part of an address: "The Old Man" is "the-old-man". */
export function slug(title) {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/, "-");
}
