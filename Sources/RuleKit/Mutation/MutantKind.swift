/// The kinds of changes that mutation testing makes in a rule.
public enum MutantKind: String, CaseIterable, Sendable {
  /// `<` ⇄ `<=`, `>` ⇄ `>=`
  case boundary
  /// `==` ⇄ `~=`
  case equality
  /// `and` ⇄ `or`
  case connective = "and-or"
  /// `+` ⇄ `-`, `*` ⇄ `/`
  case arithmetic
  /// A number grows by one unit.
  case more
  /// A number shrinks by one unit.
  case less
  /// `not` is dropped.
  case not
  /// A `return` is dropped.
  case `return`
  /// `true` ⇄ `false`, of a parameter.
  case boolean
  /// A severity becomes its neighbour.
  case severity
  /// A span or a hold grows by a tenth.
  case longer
  /// A span or a hold shrinks by a tenth.
  case shorter
  /// A key of `by` is dropped.
  case by
  /// A condition of a `where` is dropped.
  case `where`
  /// `"BUY"` ⇄ `"SELL"`, `"taker"` ⇄ `"maker"`
  case side
  /// `min` ⇄ `max`
  case extreme = "min-max"
  /// `distinct` becomes `count`.
  case distinct
  /// A `dedup` is dropped.
  case dedup
  /// A `never` of a sequence is dropped.
  case never
  /// A rule that is heard is dropped.
  case listens
}
