/** A receiver of notifications in plain Node, without Phone or Effect: it checks each and remembers which it has had. */
import { createHmac, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"

/** The attempt's age in seconds past which it may be a replay. */
const tolerance = 5 * 60

/** Whether this came from a Phone that has `secret`: "whsec_" and base64, or plain text. */
export const genuine = (secret: string, headers: IncomingHttpHeaders, body: string): boolean => {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret)
  const { "webhook-id": id, "webhook-signature": signature = "", "webhook-timestamp": timestamp } = headers
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) return false
  const expected = createHmac("sha256", new Uint8Array(key)).update(`${id}.${timestamp}.${body}`).digest()
  return String(signature)
    .split(" ")
    .map((one) => Buffer.from(one.replace(/^v1,/, ""), "base64"))
    .some((one) => one.length === expected.length && timingSafeEqual(new Uint8Array(one), new Uint8Array(expected)))
}

/** Calls `ended` once for each call, with what was posted. */
export const receiver = (secret: string, ended: (notification: unknown) => void): Server => {
  const seen = new Set<string>()
  return createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request.setEncoding("utf8")) body += chunk
    const known = genuine(secret, request.headers, body)
    const id = String(request.headers["webhook-id"])
    if (known && !seen.has(id)) ended(JSON.parse(body))
    if (known) seen.add(id)
    response.writeHead(known ? 204 : 401).end()
  })
}
