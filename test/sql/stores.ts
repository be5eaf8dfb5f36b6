/** Stores for the tests: a real SQLite file in a folder of its own, or everything in memory. */
import { FileSystem, Path } from "@effect/platform"
import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { DateTime, Effect, Layer, Schema } from "effect"
import { PhoneConfig, PhoneConfigSchema } from "../../src/Config.ts"
import { CallId } from "../../src/domain/Ids.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import type { PlacedTurn, Role } from "../../src/domain/Turn.ts"
import { layerMemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { layerSqlite } from "../../src/sql/Sqlite.ts"
import { layerTranscripts } from "../../src/sql/SqlTranscripts.ts"
import type { NewCall } from "../../src/Transcripts.ts"

const configured = (paths: { readonly database: string; readonly transcriptsDir: string }) =>
  Layer.succeed(
    PhoneConfig,
    Schema.decodeSync(PhoneConfigSchema)({
      accountSid: `AC${"0".repeat(32)}`,
      authToken: "secret",
      phoneNumber: "+15550009999",
      openaiApiKey: "key",
      webhookHost: "https://example.com",
      ...paths
    })
  )

export const platform = Layer.merge(NodeFileSystem.layer, NodePath.layer)

/** A folder that is gone after the test. */
export const temporaryFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** The store whose database and transcript files lie in `folder`. Built anew at every `provide`, as after a restart. */
export const storeIn = (folder: string, paths: { readonly database?: string; readonly transcriptsDir?: string } = {}) =>
  Layer.fresh(
    Layer.provideMerge(layerTranscripts, layerSqlite).pipe(
      Layer.provide(
        configured({ database: `${folder}/data/phone.db`, transcriptsDir: `${folder}/transcripts`, ...paths })
      ),
      Layer.provideMerge(platform)
    )
  )

/** The store as the simulation has it: nothing real is touched. */
export const storeInMemory = Layer.fresh(
  Layer.provideMerge(layerTranscripts, layerSqlite).pipe(
    Layer.provide(configured({ database: ":memory:", transcriptsDir: "/transcripts" })),
    Layer.provideMerge(Layer.merge(layerMemoryFiles, Path.layer))
  )
)

export const number = (text: string) => PhoneNumber.make(text)

/** The id of the nth call, in an order that differs from the order of starting. */
export const idOf = (n: number) => CallId.make(((n * 7_919) % 99_999_989).toString(36).padStart(8, "0"))

export const newCall = (n: number, more: Partial<NewCall> = {}): NewCall => ({
  id: idOf(n),
  to: number("+15551234567"),
  from: number("+15550009999"),
  task: `Task ${n}`,
  startedAt: new Date(Date.UTC(2026, 0, 1) + n * 1_000),
  ...more
})

export const turn = (position: number, role: Role, text: string): PlacedTurn => ({
  position,
  turn: { timestamp: DateTime.unsafeMake(Date.UTC(2026, 0, 1) + position * 1_000), role, text }
})
