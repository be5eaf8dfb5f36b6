/** `phone init`: asks until an answer is one, keeps secrets out of the file, replaces nothing, and says what to type next. */
import { execFileSync } from "node:child_process"
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { describe, expect, layer } from "@effect/vitest"
import { Effect, Either, FastCheck, Redacted } from "effect"
import { Asker, Quit } from "../../src/cli/Asker.ts"
import { filesOf } from "../../src/cli/init/answers.ts"
import { parseConfig } from "../../src/config/parseConfig.ts"
import { phone } from "./support.ts"

const accountSid = `AC${"0".repeat(32)}`

/** Somebody who has these answers ready for each key, in order, and takes the default elsewhere; and what was asked. */
const answering = (answers: Readonly<Record<string, ReadonlyArray<string>>>) => {
  const left = new Map(Object.entries(answers).map(([key, texts]) => [key, [...texts]]))
  const asked: Array<string> = []
  const answer = (how: string) => (prompt: string) =>
    Effect.suspend(() => {
      const key = prompt.split(/[ :]/)[0] ?? ""
      asked.push(`${how} ${key}`)
      const text = left.get(key)?.shift() ?? ""
      return text === "^C" ? new Quit({ message: "Nothing was written." }) : Effect.succeed(text)
    })
  return { asked, asker: { there: true, line: answer("line"), secret: answer("secret") } }
}

const nobody = { ...answering({}).asker, there: false }

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

const init = (where: string, args: ReadonlyArray<string>, asker: typeof nobody = nobody) =>
  phone(["init", "--config", `${where}/config.yaml`, ...args]).pipe(Effect.provideService(Asker, asker))

const real = {
  accountSid: [accountSid],
  authToken: ["a secret"],
  phoneNumber: ["+1555", "+15551234567"],
  webhookHost: ["https://phone.example.com"],
  openaiApiKey: ["sk-secret"],
  onBehalfOf: ["Ann Bee"],
  recordCalls: ["no"]
}

describe("phone init", () => {
  layer(NodeFileSystem.layer)((it) => {
    it.scoped("asks for what a call needs, again when it is wrong, and writes what the service can load", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const where = yield* folder
        const { asked, asker } = answering(real)
        const { code, out } = yield* init(where, [], asker)
        expect(code).toBe(0)
        expect(asked).toEqual([
          "line provider",
          "line accountSid",
          "secret authToken",
          "line phoneNumber",
          "line phoneNumber",
          "line webhookHost",
          "secret openaiApiKey",
          "line onBehalfOf",
          "line language",
          "line defaultVoice",
          "line recordCalls"
        ])
        expect(out.filter((line) => line.startsWith("✗"))).toEqual([
          '✗ phoneNumber must be your Twilio number in E.164 and in quotes, such as "+15551234567"'
        ])
        expect(out.slice(-2)).toEqual([
          `  set -a; . ${where}/phone.env; set +a; phone doctor --config ${where}/config.yaml`,
          `  phone serve --config ${where}/config.yaml`
        ])
        const [config, environment] = yield* Effect.all([
          fs.readFileString(`${where}/config.yaml`),
          fs.readFileString(`${where}/phone.env`)
        ])
        expect(config).not.toMatch(/a secret|sk-secret/)
        expect(environment.split("\n").slice(1)).toEqual([
          "TWILIO_AUTH_TOKEN='a secret'",
          "OPENAI_API_KEY=sk-secret",
          ""
        ])
        const env = { TWILIO_AUTH_TOKEN: "a secret", OPENAI_API_KEY: "sk-secret" }
        expect(parseConfig(config, env)).toMatchObject({
          right: { config: { accountSid, onBehalfOf: "Ann Bee", recordCalls: false, provider: "twilio" } }
        })
        for (const name of ["config.yaml", "phone.env"]) {
          expect((yield* fs.stat(`${where}/${name}`)).mode & 0o777).toBe(0o600)
        }
      })
    )

    it.scoped("asks nothing about credentials for the simulated line, nor what was set", () =>
      Effect.gen(function* () {
        const { asked, asker } = answering({ provider: ["simulated"] })
        const { out } = yield* init(yield* folder, ["--set", "onBehalfOf=Ann", "--set", "language=de"], asker)
        expect(asked).toEqual(["line provider", "line defaultVoice", "line recordCalls"])
        expect(out.at(-1)).toContain("phone call +15550100001")
      })
    )

    it.scoped("that is left writes nothing, and exits 130", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const where = yield* folder
        const { code } = yield* init(where, [], answering({ ...real, openaiApiKey: ["^C"] }).asker)
        expect(code).toBe(130)
        expect(yield* fs.readDirectory(where)).toEqual([])
      })
    )

    it.scoped("never replaces a file without --force, nor asks first", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const where = yield* folder
        const path = `${where}/config.yaml`
        yield* fs.writeFileString(path, "mine")
        const { asked, asker } = answering({ provider: ["simulated"] })
        const kept = yield* init(where, [], asker)
        expect([kept.err, kept.code]).toEqual([[`✗ ${path} is there already. Give --force to replace it.`], 2])
        expect(asked).toEqual([])
        expect(yield* fs.readFileString(path)).toBe("mine")
        expect((yield* init(where, ["--force"], asker)).code).toBe(0)
        expect(yield* fs.readFileString(path)).toContain("provider: simulated")
      })
    )

    it.scoped("without anybody to ask needs --yes, and lists all that it lacks", () =>
      Effect.gen(function* () {
        const where = yield* folder
        expect((yield* init(where, [])).err[0]).toContain("give --yes")
        const lacking = yield* init(where, ["--yes", "--set", `accountSid=${accountSid}`])
        expect(lacking.code).toBe(2)
        expect(lacking.err.join("\n")).toContain("✗ phoneNumber is missing")
        expect(lacking.err.join("\n")).toContain("✗ webhookHost is missing")
        const wrong = yield* init(where, ["--yes", "--set", "ringTimeout=soon"])
        expect(wrong.err).toEqual(["✗ --set: ringTimeout must be a number of seconds from 5 to 120"])
        const unknown = yield* init(where, ["--yes", "--set", "ringTimout=3"])
        expect(unknown.err[0]).toContain("there is no key ringTimout")
        const done = yield* init(where, ["--yes", "--set", "provider=simulated", "--set", "ringTimeout=45"])
        expect(done.code).toBe(0)
        expect(yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(where))).toEqual(["config.yaml"])
      })
    )
  })
})

describe("secrets", () => {
  const answers = {
    accountSid,
    phoneNumber: "+15551234567",
    webhookHost: "https://phone.example.com",
    openaiApiKey: "sk-key"
  }
  const token = FastCheck.string({ unit: "grapheme", minLength: 1 }).filter(
    (text) => text.trim() === text && text !== "" && !/\p{Cc}/u.test(text)
  )

  layer(NodeFileSystem.layer)((it) => {
    it.scoped("come out of the shell as they went in, and are not in the configuration", () =>
      Effect.sync(() =>
        FastCheck.assert(
          FastCheck.property(token, (authToken) => {
            const files = Either.getOrThrow(filesOf({ ...answers, authToken }, {}, "environment"))
            expect(files.config).toContain(`authToken: \${TWILIO_AUTH_TOKEN}\n`)
            const script = `set -a; ${files.environment.join("\n")}\nset +a; printenv TWILIO_AUTH_TOKEN`
            expect(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" })).toBe(`${authToken}\n`)
          }),
          { numRuns: 25 }
        )
      )
    )

    it.scoped("are themselves in the configuration too, when they are wanted there, whatever they look like", () =>
      Effect.sync(() =>
        FastCheck.assert(
          FastCheck.property(
            FastCheck.oneof(token, FastCheck.constantFrom(`\${HOME}`, `$\${x}`, "0123", "yes")),
            (authToken) => {
              const files = Either.getOrThrow(filesOf({ ...answers, authToken }, {}, "config"))
              expect(files.environment).toEqual([])
              const { config } = Either.getOrThrow(parseConfig(files.config, { HOME: "/" }))
              expect(config.authToken).toEqual(Redacted.make(authToken))
            }
          )
        )
      )
    )
  })
})
