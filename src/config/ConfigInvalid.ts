/** The one error of loading a configuration: all that is wrong with a file, one line each. No line shows a value. */
import { Data } from "effect"

export class ConfigInvalid extends Data.TaggedError("ConfigInvalid")<{
  readonly path: string
  /** Each names its key and what is allowed. */
  readonly problems: ReadonlyArray<string>
}> {
  override get message(): string {
    return this.problems.map((problem) => `${this.path}: ${problem}`).join("\n")
  }
}
