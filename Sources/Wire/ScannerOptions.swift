/// Settings of a scanner.
public struct ScannerOptions: Sendable {
  /// The exchange contracts of Polymarket on Polygon: CTF and neg-risk, versions 1 and 2.
  public static let polymarketExchanges = [
    "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e", "0xe111180000d2663c0091e4f400237545b87b996b",
    "0xc5d563a36ae78145c45a50134d48a1215220f80a", "0xe2222d279d744050d28e00520010520000310f59",
  ]

  /// Contracts whose address as `taker` marks the taker's own leg; in any case of letters.
  public var exchanges = ScannerOptions.polymarketExchanges
  /// The name of the input in dead letters.
  public var source = ""
  /// The longest message in bytes; only an array around everything may be longer. At least 64.
  public var maximumMessageBytes = 16 << 20
  /// Whether to guess that a message looks like one before it. It changes the speed, never the result.
  public var speculates = true

  /// The defaults, for an input of this name.
  public init(source: String = "") { self.source = source }
}
