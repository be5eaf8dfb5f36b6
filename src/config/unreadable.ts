/** Why a file that somebody named could not be read, for that person; its name is told by whoever tells this. */
import type { PlatformError } from "@effect/platform/Error"

export const unreadable = (error: PlatformError): string => {
  if (error._tag !== "SystemError") return `cannot be read (${error._tag})`
  if (error.reason === "NotFound") return "there is no such file"
  return /EISDIR/.test(error.message) ? "is a folder, not a file" : `cannot be read (${error.reason})`
}
