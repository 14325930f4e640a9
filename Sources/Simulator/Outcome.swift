/// One outcome of a market, with everything that its orders have in common.
struct Outcome: Hashable, Sendable {
  /// Texts of the pool; 0 when the venue does not say.
  var tokenID: UInt32 = 0
  var label: UInt32 = 0
  var slug: UInt32 = 0
  var conditionID: UInt32 = 0
  var title: UInt32 = 0
  /// Its place among the outcomes of the market; 999 when the market is not known.
  var index = 999
}
