/** A script that runs `phone` learns from the exit code what came of it; the help documents every code. */

import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { ExitCode, exitCodeHelp, exitCodeOfCall, exitCodeOfError } from "../../src/cli/exitCodes.ts"
import { errorJson } from "../../src/cli/reporting.ts"
import * as errors from "../../src/domain/errors.ts"
import { version } from "../../src/version.ts"
import { call, callId } from "../rpc/service.ts"

const outcome = { success: true, taskCompleted: true, summary: "", nextSteps: [], evidence: [] }

describe("the exit code", () => {
  it.each([
    ["completed", { ...outcome }, 0],
    ["completed", { ...outcome, success: false }, 1],
    ["completed", undefined, 1],
    ["busy", undefined, 3],
    ["no-answer", undefined, 4],
    ["failed", undefined, 5],
    ["canceled", undefined, 6]
  ] as const)("of a call that ended %s", (status, came, code) => {
    expect(exitCodeOfCall({ ...call, status, ...(came === undefined ? {} : { outcome: came }) })).toBe(code)
  })

  it("exists for every error that the service can give", () => {
    const tags = Object.keys(errors).filter((name) => !["Refusal", "CallFailure"].includes(name))
    expect(tags.length).toBeGreaterThan(10)
    for (const tag of tags) expect([tag, exitCodeOfError({ _tag: tag })]).not.toEqual([tag, ExitCode.bug])
  })

  it("is in the help, each", () => {
    const documented = exitCodeHelp.map((line) => Number(line.split(" ")[0]))
    expect(documented).toEqual(Object.values(ExitCode).toSorted((a, b) => a - b))
  })
})

describe("an error as JSON", () => {
  it("is its type, its message and its own simple fields", () => {
    const error = new errors.RateLimited({ service: "twilio", callId, retryAfter: 3, message: "Slow down." })
    expect(errorJson(error)).toEqual({
      error: { type: "RateLimited", service: "twilio", callId, retryAfter: 3, message: "Slow down." }
    })
  })
})

describe("the version", () => {
  it("is that of the package", () => {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8")
    expect(JSON.parse(text)).toMatchObject({ version })
  })
})
