// Ctrl-C while the engine works.
import { onInterrupt } from "../../lab/interrupt";

const interrupted = (hasTerminal: boolean) => {
  const said: string[] = [];
  const { signal, stop } = onInterrupt({ say: (text) => said.push(text) }, hasTerminal);
  return { said, signal, stop, count: () => process.listeners("SIGINT").length };
};

test.each([
  ["a terminal has told the engine already", true, false],
  ["elsewhere the engine is told", false, true],
])("the first one is waited for: %s", (_, hasTerminal, told) => {
  const { said, signal, stop } = interrupted(hasTerminal);
  const exit = jest.spyOn(process, "exit").mockImplementation();
  process.emit("SIGINT");
  expect(said).toEqual(["interrupted: the engine ends what it is at; once more leaves at once"]);
  expect([signal.aborted, exit.mock.calls]).toEqual([told, []]);
  process.emit("SIGINT");
  expect(exit.mock.calls).toEqual([[130]]);
  exit.mockRestore();
  stop();
});

test("without one, Ctrl-C is as before", () => {
  const { stop, count, said } = interrupted(false);
  const before = count();
  stop();
  expect([count(), said]).toEqual([before - 1, []]);
});
