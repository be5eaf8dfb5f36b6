/**
 * Makes what is wrong with a value of a union readable: the library tells why it is none of the members, all at once; a
 * person wants to know what is wrong with the one that was meant. Members are told apart by their first key. Pure.
 */
import { Array, Option, ParseResult, Predicate, SchemaAST } from "effect"
import { closest } from "../../config/problems.ts"

type Issue = ParseResult.ParseIssue

const parts = (issue: Issue): ReadonlyArray<Issue> => (issue._tag === "Composite" ? Array.ensure(issue.issues) : [])

/** Why it is none of the members, also of unions in the union: one issue for each. */
const members = (issue: Issue): ReadonlyArray<Issue> =>
  issue._tag === "Composite" && SchemaAST.isUnion(issue.ast) ? parts(issue).flatMap(members) : [issue]

const firstKeys = (ast: SchemaAST.AST): ReadonlyArray<PropertyKey> => {
  if (SchemaAST.isUnion(ast)) return Array.dedupe(ast.types.flatMap(firstKeys))
  if (SchemaAST.isSuspend(ast)) return firstKeys(ast.f())
  return SchemaAST.isTypeLiteral(ast) ? ast.propertySignatures.slice(0, 1).map(({ name }) => name) : []
}

const isMeant = (issue: Issue): boolean =>
  issue._tag === "Composite" && firstKeys(issue.ast).some((key) => Predicate.hasProperty(issue.actual, key))

/** Keys of a value that each make another member of one key: several things in one entry. */
const together = (ast: SchemaAST.AST, actual: unknown): ReadonlyArray<string> => {
  if (SchemaAST.isUnion(ast)) return Array.dedupe(ast.types.flatMap((type) => together(type, actual)))
  if (SchemaAST.isSuspend(ast)) return together(ast.f(), actual)
  if (!SchemaAST.isTypeLiteral(ast) || ast.propertySignatures.length !== 1) return []
  return firstKeys(ast).flatMap((key) => (Predicate.hasProperty(actual, key) ? [String(key)] : []))
}

/** Its first key is there, but not with the value that makes it this member. */
const isOther = (issue: Issue): boolean =>
  issue._tag === "Composite" &&
  parts(issue).some((part) => part._tag === "Pointer" && firstKeys(issue.ast).some((key) => key === part.path))

const whichKey = (actual: unknown, known: ReadonlyArray<string>): string => {
  const written = Predicate.isRecord(actual) ? Object.keys(actual) : []
  const [misspelt] = written.flatMap((key) => {
    const meant = closest(key, known)
    return meant === undefined ? [] : [`has the unknown key ${key}. Did you mean ${meant}?`]
  })
  return misspelt ?? `must have one of the keys ${known.join(", ")}`
}

/** The library writes the whole type out where a list or a mapping is wanted, and something else stands. */
const withoutType = (issue: ParseResult.Type): Issue => {
  const told = (message: string) => new ParseResult.Type(issue.ast, issue.actual, message)
  if (issue.message !== undefined || Option.isSome(SchemaAST.getMessageAnnotation(issue.ast))) return issue
  if (SchemaAST.isTupleType(issue.ast)) return told('must be a list: begin each entry with "- "')
  if (!SchemaAST.isTypeLiteral(issue.ast)) return issue
  const keys = issue.ast.propertySignatures.map(({ name }) => String(name))
  return told(`must be keys with values${keys.length === 0 ? "" : `: ${keys.join(", ")}`}`)
}

/** The same issue, each union in it narrowed to the member that was meant; where none was, to what there is. */
export const closestMember = (issue: Issue): Issue => {
  if (issue._tag === "Pointer") return new ParseResult.Pointer(issue.path, issue.actual, closestMember(issue.issue))
  if (issue._tag === "Refinement") {
    return new ParseResult.Refinement(issue.ast, issue.actual, issue.kind, closestMember(issue.issue))
  }
  if (issue._tag === "Type") return withoutType(issue)
  if (issue._tag !== "Composite") return issue
  const keys = SchemaAST.isUnion(issue.ast) ? firstKeys(issue.ast) : []
  if (keys.length > 0) {
    const several = together(issue.ast, issue.actual)
    if (several.length > 1) {
      const message = `has the keys ${several.join(" and ")}: only one per entry`
      return new ParseResult.Type(issue.ast, issue.actual, message)
    }
    const meant = members(issue).filter(isMeant)
    const closest = meant.find((member) => !isOther(member)) ?? meant.at(-1)
    if (closest !== undefined) return closestMember(closest)
    return new ParseResult.Type(issue.ast, issue.actual, whichKey(issue.actual, keys.map(String)))
  }
  const [head, ...tail] = parts(issue).map(closestMember)
  return head === undefined ? issue : new ParseResult.Composite(issue.ast, issue.actual, [head, ...tail])
}
