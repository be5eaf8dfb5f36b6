import type { Finished } from "./world.ts"
export const trace = (f: Finished) => {
const t0 = f.legs[0]?.answeredAt ?? f.posts[0]?.at ?? 0
const log: Array<[number, string]> = []
for (const s of f.sessions) {
  for (const e of s.received) log.push([e.at - t0, e._tag === "Audio" ? `  >${s.index} audio ${e.appends} until ${e.until - t0}` : `  >${s.index} ${e.type} ${JSON.stringify(e.event).slice(0,200)}`])
  for (const e of s.sent) if (!e.type.includes("delta")) log.push([e.at - t0, `  <${s.index} ${e.type} ${e.type === "error" ? JSON.stringify(e.event) : ""}`])
  if (s.closed) log.push([s.closed.at - t0, `  session ${s.index} closed by ${s.closed.by} ${s.closed.code}`])
  if (s.violations.length) log.push([0, JSON.stringify(s.violations)])
}
for (const w of f.legs[0]?.webhooks ?? []) log.push([w.at - t0, `webhook ${w.kind} ${new URLSearchParams(w.parameters.map(([a,b])=>[a,b])).get("CallStatus")} ${w.answer}`])
for (const r of f.legs[0]?.requests ?? []) log.push([r.at - t0, `REST ${r.method} ${r.path.slice(-30)} ${r.status}`])
for (const s of f.legs[0]?.statuses ?? []) log.push([s.at - t0, `carrier ${s.status}`])
for (const u of f.legs[0]?.said ?? []) log.push([u.at - t0, `callee says ${u.text} ${u.ms}`])
for (const u of f.legs[0]?.heard ?? []) log.push([u.at - t0, `callee hears ${u.text} ${u.ms}`])
for (const u of f.legs[0]?.clears ?? []) log.push([u.at - t0, `clear ${u.droppedMs}`])
for (const u of f.legs[0]?.alerts ?? []) log.push([u.at - t0, `ALERT ${u.code} ${u.message}`])
for (const u of f.events) log.push([u.at - t0, `EVENT ${u.event._tag} ${u.event._tag === "Status" ? u.event.status : u.event._tag === "Turn" ? JSON.stringify(u.event.turn.text) : ""}`])
for (const [t, x] of log.sort((a, b) => a[0] - b[0])) console.log(t, x)
console.log(JSON.stringify({ ...f.call, transcript: undefined }))
console.log(f.logs.map(l => l.level.label + " " + l.text))
}
