/** `phone simulate`: calls in virtual time, on this machine alone. What it does with scenarios is `../scenarios.ts`. */
import { Args, Command, Options } from "@effect/cli"
import { Option } from "effect"
import { json } from "../connection.ts"
import { reporting } from "../reporting.ts"
import { runScenarios } from "../scenarios.ts"

const examples = [
  "phone simulate booking.yaml                           pass or fail, and why",
  "phone simulate tests/*.yaml --runs 50                 each with 50 seeds",
  "phone simulate booking.yaml --seed 7 --timeline       one call, and all that happened",
  "phone simulate --callee hostile --task 'Book a table' a quick try, without a file",
  "phone simulate booking.yaml --junit report.xml        for continuous integration"
]

/** The list of all commands shows a description as one line, so the examples stand with the files. */
const files = Args.text({ name: "file" }).pipe(
  Args.withDescription(
    ["YAML files of scenarios (docs/scenarios.md); none to try one call out.", ...examples].join("\n    ")
  ),
  Args.repeated
)

const options = {
  callee: Options.text("callee").pipe(
    Options.withPseudoName("name"),
    Options.withDescription("Who answers: a callee of docs/scenarios.md. Default: the scenario's."),
    Options.optional
  ),
  task: Options.text("task").pipe(
    Options.withDescription("What to achieve. Default: the scenario's."),
    Options.optional
  ),
  seed: Options.integer("seed").pipe(
    Options.withDescription("Of chance: the same seed is the same call. Default: the scenario's, else 1."),
    Options.optional
  ),
  runs: Options.integer("runs").pipe(
    Options.withDescription("So many runs of each scenario, with the seeds 1, 2, 3, …, or from --seed on. Default: 1."),
    Options.withDefault(1),
    Options.filterMap(
      Option.liftPredicate((runs: number) => runs >= 1 && runs <= 100_000),
      "must be from 1 to 100000"
    )
  ),
  timeline: Options.boolean("timeline").pipe(Options.withDescription("Tell all that happened, also when all is well.")),
  json,
  junit: Options.text("junit").pipe(
    Options.withPseudoName("path"),
    Options.withDescription("Write a JUnit report there as well. Default: none."),
    Options.optional
  ),
  realModel: Options.boolean("real-model").pipe(
    Options.withDescription(
      "With the real voice model, over sockets and in real time; costs what it costs. Callees may only play recordings."
    )
  ),
  config: Options.text("config").pipe(
    Options.withPseudoName("path"),
    Options.withDescription(
      "For --real-model: the configuration with key and model. Default: the usual one if it is there, else $OPENAI_API_KEY."
    ),
    Options.optional
  )
}

export const simulate = Command.make("simulate", { files, ...options }, (asked) =>
  runScenarios(asked).pipe(reporting(asked.json))
).pipe(
  Command.withDescription(
    "Try a task out on simulated callees, before anyone is called: pass or fail, and what happened."
  )
)
