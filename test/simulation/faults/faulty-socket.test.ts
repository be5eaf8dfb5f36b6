/** A socket on a bad way: what is held comes later and in order, what is shut out never comes, and nobody is told. */
import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { FaultySocket, type Flow } from "../../../src/simulation/faults/FaultySocket.ts"
import type { WireClose, WireSocket } from "../../../src/wire/Network.ts"

/** A socket whose other end is us, and a FaultySocket on it. `pass` lets everything that is late arrive. */
const makeEnds = () => {
  const sent: Array<string> = []
  const heard: Array<string | null> = []
  const closes: Array<WireClose> = []
  const late: Array<{ readonly due: number; readonly act: () => void }> = []
  let peer: Parameters<WireSocket["listen"]>[0] | undefined
  let open = true
  const end = (code: number) => {
    if (!open) return
    open = false
    peer?.close({ code, reason: "" })
  }
  const socket = new FaultySocket(
    {
      send: (text) => {
        if (open) sent.push(text)
        return open
      },
      listen: (on) => {
        peer = on
      },
      close: end,
      terminate: () => end(1006),
      buffered: () => 0
    },
    (ms, act) => void late.push({ due: ms, act }),
    (ms, act) => void late.push({ due: ms, act })
  )
  socket.listen({ message: (text) => void heard.push(text), close: (close) => void closes.push(close) })
  return {
    socket,
    sent,
    heard,
    closes,
    say: (text: string | null) => peer?.message(text),
    end,
    pass: () => {
      for (const { act } of late.splice(0)) act()
    }
  }
}

type Move =
  | { readonly _tag: "Flow"; readonly way: "in" | "out"; readonly flow: Flow }
  | { readonly _tag: "Say"; readonly way: "in" | "out" }

const { array, constantFrom, oneof, record } = FastCheck
const moves = (...flows: ReadonlyArray<Flow>) =>
  array(
    oneof(
      record({ way: constantFrom("in" as const, "out" as const) }).map(({ way }): Move => ({ _tag: "Say", way })),
      record({ way: constantFrom("in" as const, "out" as const), flow: constantFrom(...flows) }).map(
        ({ flow, way }): Move => ({ _tag: "Flow", way, flow })
      )
    ),
    { maxLength: 60 }
  )

/** Makes the moves, and gives all that was said, what of it was said while the way was shut, and what has arrived. */
const make = (all: ReadonlyArray<Move>) => {
  const ends = makeEnds()
  const flows: Record<"in" | "out", Flow> = { in: "open", out: "open" }
  const said: Record<"in" | "out", Array<string>> = { in: [], out: [] }
  const lost = new Set<string>()
  all.forEach((move, index) => {
    if (move._tag === "Flow") {
      flows[move.way] = move.flow
      if (move.way === "in") ends.socket.setIn(move.flow)
      else ends.socket.setOut(move.flow)
      return
    }
    const text = String(index)
    said[move.way].push(text)
    if (flows[move.way] === "shut") lost.add(text)
    if (move.way === "in") ends.say(text)
    else expect(ends.socket.send(text)).toBe(true)
  })
  ends.socket.setIn("open")
  ends.socket.setOut("open")
  return { ends, said, lost }
}

describe("a way that is held and let go", () => {
  it("keeps the order and loses nothing", () => {
    FastCheck.assert(
      FastCheck.property(moves("open", "held"), (all) => {
        const { ends, said } = make(all)
        expect(ends.heard).toEqual(said.in)
        expect(ends.sent).toEqual(said.out)
      })
    )
  })

  it("counts what it holds as not yet sent", () => {
    const { sent, socket } = makeEnds()
    socket.setOut("held")
    socket.send("12345")
    expect(sent).toEqual([])
    expect(socket.buffered()).toBe(5)
    socket.setOut("open")
    expect(sent).toEqual(["12345"])
    expect(socket.buffered()).toBe(0)
  })
})

describe("a way that is shut", () => {
  it("loses what goes through it meanwhile, all of it, and nothing else", () => {
    FastCheck.assert(
      FastCheck.property(moves("open", "held", "shut"), (all) => {
        const { ends, lost, said } = make(all)
        expect(ends.heard).toEqual(said.in.filter((text) => !lost.has(text)))
        expect(ends.sent).toEqual(said.out.filter((text) => !lost.has(text)))
      })
    )
  })

  it("does not tell that the peer is gone", () => {
    const { closes, end, socket } = makeEnds()
    socket.setIn("shut")
    end(1000)
    expect(closes).toEqual([])
  })

  it.each(["shut", "held"] as const)("does not hold back the end of a socket that we end ourselves: %s", (flow) => {
    const { closes, say, heard, socket } = makeEnds()
    socket.setIn(flow)
    socket.setOut(flow)
    say("nobody hears this any more")
    socket.terminate()
    expect([heard, closes]).toEqual([[], [{ code: 1006, reason: "" }]])
    const closing = makeEnds()
    closing.socket.setIn(flow)
    closing.socket.close(1000, "")
    expect(closing.closes).toEqual([{ code: 1000, reason: "" }])
  })

  it("leaves the peer with a socket whose other end is gone, until the peer ends it too", () => {
    const { closes, end, pass, socket } = makeEnds()
    socket.setIn("shut")
    socket.setOut("shut")
    socket.close(1000, "")
    let gone = false
    socket.whenPeerGone(() => {
      gone = true
    })
    expect([closes, gone]).toEqual([[], false])
    pass()
    expect([closes, gone]).toEqual([[{ code: 1006, reason: "" }], false])
    end(1000)
    expect([closes.length, gone]).toEqual([1, true])
  })

  it("leaves nobody with anything where the peer had gone before, unheard", () => {
    const { end, socket } = makeEnds()
    socket.setIn("shut")
    socket.setOut("shut")
    end(1000)
    socket.close(1000, "")
    let gone = false
    socket.whenPeerGone(() => {
      gone = true
    })
    expect(gone).toBe(true)
  })
})

describe("the end", () => {
  it("comes after what was on its way", () => {
    const { closes, end, heard, pass, say, socket } = makeEnds()
    socket.lateIn = () => 100
    say("last words")
    end(1000)
    expect([heard, closes]).toEqual([[], []])
    pass()
    expect(heard).toEqual(["last words"])
    expect(closes).toEqual([{ code: 1000, reason: "" }])
  })

  it("comes after what was held, and once", () => {
    const { closes, end, heard, say, socket } = makeEnds()
    socket.setIn("held")
    say("last words")
    end(1000)
    socket.setIn("open")
    socket.terminate()
    expect(heard).toEqual(["last words"])
    expect(closes).toEqual([{ code: 1000, reason: "" }])
  })

  it("lets nothing through any more, either way", () => {
    const { end, heard, say, sent, socket } = makeEnds()
    end(1000)
    say("too late")
    expect(socket.send("too late")).toBe(false)
    socket.setOut("held")
    expect(socket.send("too late")).toBe(false)
    socket.setOut("open")
    expect([heard, sent]).toEqual([[], []])
  })
})

it("binary frames pass as such", () => {
  const { heard, say } = makeEnds()
  say(null)
  expect(heard).toEqual([null])
})

it("what is to be lost is lost, and the rest is not", () => {
  const { heard, say, socket } = makeEnds()
  socket.lose = (text) => text.startsWith("a")
  say("apple")
  say("pear")
  expect(heard).toEqual(["pear"])
})

it("what is said in the peer's name comes behind what the peer has said, however late that is", () => {
  const { heard, pass, say, socket } = makeEnds()
  socket.lateIn = () => 100
  say("start")
  socket.inject("stop")
  expect(heard).toEqual([])
  pass()
  expect(heard).toEqual(["start", "stop"])
})
