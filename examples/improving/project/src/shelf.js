import { readFile, writeFile } from "node:fs/promises"
import { slug } from './slug.js'

export async function load(file) {
  const text = await readFile(file, "utf8").catch(() => "[]")
  return JSON.parse(text)
}

async function save(file, books) {
      await writeFile(file, JSON.stringify(books, null, 2))
}

export async function add(file, title) {
  const books = await load(file)
  const book = {id: slug(title), title}
  save(file, [...books, book]);
  return book
}
