import { isJsonList, isJsonObject, type Json } from "#events/json.ts";

const LENGTHS = [50, 20, 10, 5, 2, 1];

/** The same with its lists cut to as many first entries as leave room for all else that it tells; whole where it fits. */
export function shortened(value: Json, maxBytes: number): Json {
  const fits = (one: Json): boolean => Buffer.byteLength(JSON.stringify(one)) <= maxBytes;
  if (fits(value)) return value;
  const tried = LENGTHS.map((length) => cut(value, length));
  return tried.find(fits) ?? cut(value, 1);
}

function cut(value: Json, length: number): Json {
  if (isJsonList(value)) return value.slice(0, length).map((one) => cut(one, length));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, length)]));
}
