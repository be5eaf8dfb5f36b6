/** The entry point of the `phone` command. Loads nothing before it knows that this Node can run it. */
const [major = 0] = process.versions.node.split(".").map(Number)

if (major < 22) {
  // better-sqlite3 would take an older Node down without a word (facts/effect.md 1.3)
  process.stderr.write(`phone needs Node 22 or newer; this is Node ${process.versions.node}.\n`)
  process.exitCode = 2
} else {
  const { main } = await import("./cli/phone.ts")
  main(process.argv)
}
