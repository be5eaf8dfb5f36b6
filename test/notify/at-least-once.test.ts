/** Whoever is to be notified hears of every end, whatever happens to them or to us in between; and nobody else is bothered. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { Calls } from "../../src/Calls.ts"
import { Notification } from "../../src/notify/Notification.ts"
import { waitAfter } from "../../src/notify/patience.ts"
import { accepting, bodyOf, busyCall, genuine, makeReceiver, serving, tell, webhookId } from "./world.ts"

const seconds = (ms: number) => Math.round(ms / 1000)
const gaps = (got: ReadonlyArray<{ readonly at: number }>) =>
  got.slice(1).map(({ at }, index) => seconds(at - (got[index]?.at ?? 0)))

/** A wait of so many seconds, with its jitter and what the network takes. */
const around = (wait: number) => ({
  asymmetricMatch: (gap: unknown) => Number(gap) >= wait * 0.8 - 1 && Number(gap) <= wait * 1.2 + 1
})

describe("the end of a call", () => {
  it("is posted once, signed, with the call as the tools return it and the metadata of the request", () =>
    tell(() =>
      Effect.gen(function* () {
        const receiver = accepting()
        yield* receiver.mount
        const call = yield* serving(
          Effect.gen(function* () {
            const id = yield* busyCall({ metadata: { order: "4711" } })
            yield* Effect.sleep("1 hour")
            return yield* Effect.flatMap(Calls, (calls) => calls.status(id))
          })
        )
        expect(receiver.got).toHaveLength(1)
        const [got] = receiver.got
        if (got === undefined) throw new Error("nothing came")
        expect(got.request).toMatchObject({ method: "POST" })
        expect(new URL(got.request.url)).toMatchObject({ pathname: "/hooks/calls/", search: "?key=in-the-url" })
        expect(got.request.headers).toMatchObject({
          "content-type": "application/json",
          "webhook-id": webhookId(call.id),
          "webhook-timestamp": String(Math.floor(got.at / 1000))
        })
        expect(genuine(got.request)).toBe(true)
        expect(genuine({ ...got.request, body: `${got.request.body} ` })).toBe(false)
        expect(genuine(got.request, "whsec_AAAA")).toBe(false)
        const notification = yield* Schema.decodeUnknown(Notification)(bodyOf(got))
        expect(notification).toEqual({
          type: "call.ended",
          timestamp: call.endedAt,
          data: call,
          metadata: { order: "4711" }
        })
        expect(call.status).toBe("busy")
      })
    ))

  it("comes without metadata when the request had none, and in the order of the ends", () =>
    tell(() =>
      Effect.gen(function* () {
        const receiver = accepting()
        yield* receiver.mount
        const ids = yield* serving(
          Effect.gen(function* () {
            const ids = [yield* busyCall(), yield* busyCall(), yield* busyCall()]
            yield* Effect.sleep("1 second")
            return ids
          })
        )
        expect(receiver.got.map((got) => bodyOf(got).data.id)).toEqual(ids)
        for (const got of receiver.got) expect(Object.keys(bodyOf(got))).toEqual(["type", "timestamp", "data"])
      })
    ))

  it("is told to nobody when nobody is configured", () =>
    tell(() =>
      Effect.gen(function* () {
        const receiver = accepting()
        yield* receiver.mount
        yield* serving(Effect.zipRight(busyCall(), Effect.sleep("1 hour")), {}, {})
        expect(receiver.got).toEqual([])
      })
    ))
})

describe("a receiver in trouble", () => {
  it("gets it again after a 500, under the same id, and only until it takes it", () =>
    tell((logs) =>
      Effect.gen(function* () {
        const receiver = makeReceiver((_, nth) => Effect.succeed(nth === 0 ? 500 : 204))
        yield* receiver.mount
        const id = yield* serving(Effect.tap(busyCall(), Effect.sleep("1 day")))
        expect(gaps(receiver.got)).toEqual([around(5)])
        for (const { request } of receiver.got) {
          expect(request.headers["webhook-id"]).toBe(webhookId(id))
          expect(genuine(request)).toBe(true)
        }
        expect(logs.filter((line) => line.includes(id))).toEqual([
          expect.stringMatching(/^WARN .*was not taken by receiver\.example: it answered 500\. It is tried again in 5s/)
        ])
      })
    ))

  it("that is down for an hour gets every end soon after it is back, and no call notices", () =>
    tell(() =>
      Effect.gen(function* () {
        const receiver = accepting()
        const ids = yield* serving(
          Effect.gen(function* () {
            const ids = [yield* busyCall(), yield* busyCall()]
            yield* Effect.sleep("1 hour")
            yield* receiver.mount
            yield* Effect.sleep("2 hours")
            return ids
          })
        )
        expect(receiver.got.map((got) => bodyOf(got).data.id).toSorted()).toEqual(ids.toSorted())
      })
    ))

  it("that does not answer is let go after 15 s; meanwhile others' notifications go out", () =>
    tell((logs) =>
      Effect.gen(function* () {
        let hanging: string | undefined
        const receiver = makeReceiver((got, nth) => {
          if (nth === 0) hanging = bodyOf(got).data.id
          return bodyOf(got).data.id === hanging && nth < 3 ? Effect.never : Effect.succeed(200)
        })
        yield* receiver.mount
        const [first, second] = yield* serving(Effect.tap(Effect.all([busyCall(), busyCall()]), Effect.sleep("1 hour")))
        const of = (id: string) => receiver.got.filter((got) => bodyOf(got).data.id === id)
        expect(of(second)).toHaveLength(1)
        expect(of(second)[0]?.at).toBeLessThan((of(first)[0]?.at ?? 0) + 10_000)
        expect(gaps(of(first)).slice(0, 1)).toEqual([around(20)])
        expect(logs.find((line) => line.includes(first))).toContain("no answer within 15s")
      })
    ))

  it("that answers 410 is left alone with this one, but hears of the next", () =>
    tell((logs) =>
      Effect.gen(function* () {
        const receiver = makeReceiver((_, nth) => Effect.succeed(nth === 0 ? 410 : 200))
        yield* receiver.mount
        const ids = yield* serving(
          Effect.gen(function* () {
            const first = yield* busyCall()
            yield* Effect.sleep("1 day")
            return [first, yield* Effect.tap(busyCall(), Effect.sleep("1 minute"))]
          })
        )
        expect(receiver.got.map((got) => bodyOf(got).data.id)).toEqual(ids)
        expect(logs.filter((line) => line.includes("410"))).toHaveLength(1)
      })
    ))

  it("that redirects is not followed, and its owner is told what to change", () =>
    tell((logs) =>
      Effect.gen(function* () {
        const receiver = makeReceiver((_, nth) =>
          Effect.succeed(nth === 0 ? ([308, { location: "https://receiver.example/elsewhere" }] as const) : 200)
        )
        yield* receiver.mount
        yield* serving(Effect.tap(busyCall(), Effect.sleep("1 minute")))
        expect(receiver.got.map(({ request }) => new URL(request.url).pathname)).toEqual([
          "/hooks/calls/",
          "/hooks/calls/"
        ])
        expect(logs.join("\n")).toContain("redirects are not followed: set notify.url to where it leads")
      })
    ))

  it("that never takes it is tried for three days, ever more rarely, and then given up aloud", () =>
    tell((logs) =>
      Effect.gen(function* () {
        const receiver = makeReceiver(() => Effect.succeed(503))
        yield* receiver.mount
        const id = yield* serving(Effect.tap(busyCall(), Effect.sleep("6 days")))
        expect(gaps(receiver.got)).toEqual(
          [5, 30, 120, 600, 3600, 7200, 14_400, 28_800, ...Array(5).fill(43_200)].map(around)
        )
        expect(logs.filter((line) => line.startsWith("ERROR"))).toEqual([
          expect.stringContaining(`call ${id} is given up after 14 attempts at receiver.example`)
        ])
      })
    ))
})

describe("a restart", () => {
  const inFolder = <A>(story: (database: string) => Promise<A>) => {
    const folder = mkdtempSync(join(tmpdir(), "phone-notify-"))
    return story(join(folder, "phone.db")).finally(() => rmSync(folder, { recursive: true }))
  }

  it("between an end and its delivery loses nothing, and sends nothing twice that was taken", () =>
    inFolder((database) =>
      tell(() =>
        Effect.gen(function* () {
          const receiver = makeReceiver((_, nth) => Effect.succeed(nth === 1 ? 500 : 200))
          yield* Effect.scoped(
            Effect.zipRight(receiver.mount, serving(Effect.tap(busyCall(), Effect.sleep("1 second")), { database }))
          )
          // down while the second and the third end
          const owed = yield* serving(Effect.all([busyCall(), busyCall()]), { database })
          yield* Effect.sleep("4 days")
          yield* receiver.mount
          yield* serving(Effect.sleep("1 minute"), { database })
          const ids = receiver.got.map((got) => bodyOf(got).data.id)
          expect(ids).toHaveLength(4)
          expect(new Set(ids.slice(1))).toEqual(new Set(owed))
        })
      )
    ))

  it("does not cut off the notification of a call that a stop has ended", () =>
    inFolder((database) =>
      tell(() =>
        Effect.gen(function* () {
          const receiver = accepting()
          yield* receiver.mount
          yield* serving(
            Effect.gen(function* () {
              const calls = yield* Calls
              yield* calls.place({ to: "+15550100002", task: "Book a table." })
              yield* Effect.sleep("300 millis")
            }),
            { database }
          )
          expect(receiver.got.map((got) => bodyOf(got).data.status)).toEqual([expect.stringMatching(/busy|canceled/)])
        })
      )
    ))

  it("waits no longer than 2 s for a receiver that does not answer, which gets it afterwards", () =>
    inFolder((database) =>
      tell(() =>
        Effect.gen(function* () {
          const receiver = makeReceiver((_, nth) => (nth === 0 ? Effect.never : Effect.succeed(200)))
          yield* receiver.mount
          const stopped = yield* serving(
            Effect.flatMap(busyCall(), () => Effect.map(Effect.clock, (clock) => clock.unsafeCurrentTimeMillis())),
            { database }
          )
          const now = yield* Effect.map(Effect.clock, (clock) => clock.unsafeCurrentTimeMillis())
          expect(now - stopped).toBeLessThanOrEqual(2_100)
          yield* serving(Effect.sleep("1 second"), { database })
          expect(receiver.got).toHaveLength(2)
          expect(receiver.got[1]?.request.headers["webhook-id"]).toBe(receiver.got[0]?.request.headers["webhook-id"])
        })
      )
    ))
})

it("the waits make more than three days, and grow", () => {
  const waits: Array<number> = []
  for (let attempts = 1; ; attempts++) {
    const wait = waitAfter(attempts)
    if (wait === undefined) break
    waits.push(Duration.toHours(wait))
  }
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(72)
})
