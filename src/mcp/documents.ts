/** A text about Planwright itself, which agents read as a resource. */
export interface McpDocument {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  read(): Promise<string>;
}
