// What comes in by itself, to be waited for one by one.

/** How long something awaited may take before the test fails, in milliseconds. */
const PATIENCE_MS = 30_000;

export class EventQueue {
  #items = [];
  #wake = () => {};
  #failure;

  push(item) {
    this.#items.push(item);
    this.#wake();
  }

  /** Says that nothing will come any more, to those who wait. */
  fail(error) {
    this.#failure = error;
    this.#wake();
  }

  /** Takes the first one, waiting for it if there is none yet. */
  async next() {
    if (!this.#items.length && !this.#failure) {
      let timer;
      const tooLate = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error("nothing came that was waited for")), PATIENCE_MS);
      });
      await Promise.race([new Promise((resolve) => (this.#wake = resolve)), tooLate]).finally(() => clearTimeout(timer));
    }
    if (!this.#items.length) throw this.#failure;
    return this.#items.shift();
  }

  /** Takes `count` of them. */
  async take(count) {
    const taken = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** Takes everything up to the first one that `isLast`, and answers what came before it. */
  async until(isLast) {
    const before = [];
    for (;;) {
      const item = await this.next();
      if (isLast(item)) return before;
      before.push(item);
    }
  }

  /** What is there and has not been taken, which stays. */
  get waiting() {
    return [...this.#items];
  }
}
