/** Words of English that say nothing of what a text is about, in lower case. */
export const SMALL_WORDS: readonly string[] = (
  "a an the this that these those my our your his her its their it me us you him them we he she they i and or but " +
  "so if then also to in on at by with without about from for of as into onto up out over after before until " +
  "during between please kindly want need would like could can will shall should may might must let is are was " +
  "were am be been being do does did have has had not no yes there here what which who how when where why all any " +
  "some many much each every more most such just now too very help"
).split(" ");
