import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { sha256Bytes } from "#src/planning/prediction/fingerprint.ts";
import { historyRows, MAX_CHAIN } from "#src/planning/prediction/history.ts";
import { ByteReader, ByteWriter } from "#src/planning/prediction/model-bytes.ts";
import type { PackedWeights } from "#src/planning/prediction/packed-weights.ts";
import type { Predictor } from "#src/planning/prediction/predictor.ts";

// A trained predictor as bytes: a line with the version of the format, one with the SHA-256 of all that follows, a line of JSON with
// names and sizes, and then the numbers, little-endian, in the order in which `predictorOf` reads them.
//
// F1. What is read is what was written, number by number: a saved model answers as the trained one.
// F2. No request stands in it. Of known requests it holds which features they have (stems and parts of words), and their tools.
// F3. Nothing of a file is trusted: sizes have to add up, numbers to be finite, and places to be inside of what they point into.

interface ModelOrigin {
  /** ISO 8601. */
  readonly trainedAt: string;
  /** Of the program that trained it. */
  readonly program: string;
  /** From how many requests it was learned. */
  readonly examples: number;
  /** SHA-256 of those, in their order. */
  readonly fingerprint: string;
}

export interface SavedModel {
  readonly origin: ModelOrigin;
  readonly predictor: Predictor;
}

/** What every model begins with, of whatever format. */
export const MODEL_MAGIC = "planwright-planner-model ";
const MODEL_FORMAT = 1;
const FORMAT = /^\d{1,6}$/;
/** Longer than the first two lines are. */
const MAX_LINE_BYTES = 100;
const MAX_HEADER_BYTES = 64 * 1024 * 1024;

const COUNT = z.int().min(0);
const HEADER = z.strictObject({
  origin: z.strictObject({
    trainedAt: z.string(),
    program: z.string(),
    examples: COUNT,
    fingerprint: z.string(),
  }),
  tools: z.array(z.string()),
  features: z.array(z.string()),
  chains: z.array(z.array(COUNT).min(1).max(MAX_CHAIN)),
  units: COUNT,
  entries: COUNT,
});
type Header = z.infer<typeof HEADER>;

export function modelBytes({ origin, predictor }: SavedModel): Uint8Array {
  const { vocabulary, tools, network, known, knownChains } = predictor;
  const header: Header = {
    origin: { ...origin },
    tools: [...tools],
    features: [...vocabulary.places.keys()],
    chains: knownChains.map((chain) => [...chain]),
    units: network.hiddenBias.length,
    entries: known.numbers.length,
  };
  const body = new ByteWriter().line(JSON.stringify(header)).floats(vocabulary.idf);
  for (const weights of [network.hidden, network.next, network.history, network.alone])
    body.bytes(weights.values).floats(weights.scales);
  body.floats(network.hiddenBias).floats(network.aloneBias);
  const bytes = body.longs(known.starts).shorts(known.numbers).shorts(known.weights).written();
  return new ByteWriter().line(`${MODEL_MAGIC}${MODEL_FORMAT}`).line(sha256Bytes(bytes)).bytes(bytes).written();
}

/** Faults: `planner-model-foreign`, `planner-model-newer`, `planner-model-damaged`. */
export function savedModel(bytes: Uint8Array, file: string): SavedModel {
  const reader = new ByteReader(bytes);
  const first = reader.line(MAX_LINE_BYTES) ?? "";
  const format = first.slice(MODEL_MAGIC.length);
  if (!first.startsWith(MODEL_MAGIC) || !FORMAT.test(format))
    throw new Fault("planner-model-foreign", `${file} is no model of a planner`);
  if (Number(format) > MODEL_FORMAT)
    throw new Fault(
      "planner-model-newer",
      `${file} is a model in format ${format}, and this program reads ${MODEL_FORMAT} and older`,
    );
  const hash = reader.line(MAX_LINE_BYTES);
  if (hash !== sha256Bytes(reader.rest())) throw damaged(file, "it was cut off or changed: its checksum does not fit");
  const header = headerOf(reader.line(MAX_HEADER_BYTES));
  if (!header) throw damaged(file, "its header cannot be read");
  const predictor = predictorOf(header, reader);
  const problem = reader.isAtEnd ? problemOf(predictor) : "its sizes do not add up";
  if (problem !== undefined) throw damaged(file, problem);
  return { origin: header.origin, predictor };
}

function damaged(file: string, why: string): Fault {
  return new Fault("planner-model-damaged", `${file} cannot be used: ${why}`);
}

function headerOf(line: string | undefined): Header | undefined {
  try {
    return HEADER.safeParse(JSON.parse(line ?? "")).data;
  } catch {
    return undefined;
  }
}

function predictorOf(header: Header, reader: ByteReader): Predictor {
  const { features, units, entries } = header;
  const tools = header.tools.length;
  const weights = (rows: number, columns: number): PackedWeights => ({
    columns,
    values: reader.bytes(rows * columns),
    // Rows without columns have no scale.
    scales: reader.floats(columns > 0 ? rows : 0),
  });
  const idf = reader.floats(features.length);
  const network = {
    tools,
    hidden: weights(features.length, units),
    next: weights(units, tools + 1),
    history: weights(historyRows(tools), tools + 1),
    alone: weights(units, tools),
    hiddenBias: reader.floats(units),
    aloneBias: reader.floats(tools),
  };
  const known = {
    texts: header.chains.length,
    starts: reader.longs(features.length + 1),
    numbers: reader.shorts(entries),
    weights: reader.shorts(entries),
  };
  const places = new Map(features.map((feature, place) => [feature, place]));
  return { vocabulary: { places, idf }, tools: header.tools, network, known, knownChains: header.chains };
}

/** F3. */
function problemOf({ vocabulary, tools, network, known, knownChains }: Predictor): string | undefined {
  const { hidden, next, history, alone, hiddenBias, aloneBias } = network;
  const floats = [vocabulary.idf, hiddenBias, aloneBias, ...[hidden, next, history, alone].map(({ scales }) => scales)];
  if (!floats.every((some) => some.every(Number.isFinite))) return "a number in it is not finite";
  if (vocabulary.places.size !== vocabulary.idf.length || new Set(tools).size !== tools.length)
    return "a name stands in it twice";
  if (knownChains.some((chain) => chain.some((tool) => tool >= tools.length))) return "a chain in it names no tool";
  const { starts, numbers, texts } = known;
  const isRising = starts.every((start, at) => start >= (starts[at - 1] ?? 0));
  if (!isRising || starts.at(-1) !== numbers.length || numbers.some((text) => text >= texts))
    return "its list of known requests does not fit";
  return undefined;
}
