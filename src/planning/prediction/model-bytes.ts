// Numbers and lines as bytes, one after the other. Numbers are little-endian, as they lie in the memory of every machine that Node runs
// on; they are copied, so that none has to stand at a multiple of its size.

type Numbers = Int8Array | Uint8Array | Uint16Array | Uint32Array | Float32Array;

export class ByteWriter {
  private readonly parts: Uint8Array[] = [];

  line(text: string): this {
    this.parts.push(new TextEncoder().encode(`${text}\n`));
    return this;
  }

  bytes(numbers: Int8Array | Uint8Array): this {
    return this.add(numbers);
  }

  shorts(numbers: Uint16Array): this {
    return this.add(numbers);
  }

  longs(numbers: Uint32Array): this {
    return this.add(numbers);
  }

  floats(numbers: Float32Array): this {
    return this.add(numbers);
  }

  written(): Uint8Array {
    const bytes = new Uint8Array(this.parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  private add({ buffer, byteOffset, byteLength }: Numbers): this {
    this.parts.push(new Uint8Array(buffer, byteOffset, byteLength));
    return this;
  }
}

const NEW_LINE = 10;

/** Where fewer bytes are left than are asked for, it gives none from then on, and is never at its end. */
export class ByteReader {
  private readonly all: Uint8Array;
  private at = 0;
  private isShort = false;

  constructor(bytes: Uint8Array) {
    this.all = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return !this.isShort && this.at === this.all.length;
  }

  rest(): Uint8Array {
    return this.all.subarray(this.at);
  }

  /** Undefined where none ends within so many bytes. */
  line(most: number): string | undefined {
    const length = this.all.subarray(this.at, this.at + most).indexOf(NEW_LINE);
    if (length === -1) return undefined;
    const text = new TextDecoder().decode(this.all.subarray(this.at, this.at + length));
    this.at += length + 1;
    return text;
  }

  bytes(length: number): Int8Array {
    return new Int8Array(this.take(length));
  }

  shorts(length: number): Uint16Array {
    return new Uint16Array(this.take(length * Uint16Array.BYTES_PER_ELEMENT));
  }

  longs(length: number): Uint32Array {
    return new Uint32Array(this.take(length * Uint32Array.BYTES_PER_ELEMENT));
  }

  floats(length: number): Float32Array {
    return new Float32Array(this.take(length * Float32Array.BYTES_PER_ELEMENT));
  }

  private take(bytes: number): ArrayBuffer {
    if (this.isShort || bytes > this.all.length - this.at) {
      this.isShort = true;
      return new ArrayBuffer(0);
    }
    const taken = new ArrayBuffer(bytes);
    new Uint8Array(taken).set(this.all.subarray(this.at, this.at + bytes));
    this.at += bytes;
    return taken;
  }
}
