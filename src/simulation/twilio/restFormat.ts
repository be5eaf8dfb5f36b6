/** How the REST interface writes dates and paths (facts/twilio.md 1.1). */

/** `Sun, 22 Nov 2026 10:15:00 +0000`. */
export const rfc2822 = (at: number): string => new Date(at).toUTCString().replace("GMT", "+0000")

export const accountPath = (accountSid: string) => `/2010-04-01/Accounts/${accountSid}`
