/** Words in names of tools that say which files they are for. */
export const FORMATS: ReadonlySet<string> = new Set(
  "json csv tsv xml yaml toml html markdown pdf docx xlsx zip tar gzip png jpg jpeg gif svg mp3 mp4 wav ini sql parquet".split(
    " ",
  ),
);
