/** Stands for the module of the tool, wherever a build has put it: threads load it by this name. */
export const CODEBASE_MODULE = "planwright:codebase";
