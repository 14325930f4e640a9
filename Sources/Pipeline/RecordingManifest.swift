public import Feeds
import Wire

/// What a recording holds and where it comes from: the file beside it.
public struct RecordingManifest: Sendable {
  /// Where the orders come from.
  public var feeds: [FeedSettings] = []
  /// Name of the recording's file, without folders.
  public var file = ""
  /// Event times of the oldest and the newest order, ms since 1970; nil without orders.
  public var range: ClosedRange<Int64>?
  /// Orders in it.
  public var orders: UInt64 = 0
  /// Markets they are about.
  public var markets = 0
  /// Wallets they are of.
  public var wallets = 0
  /// Repeats that were dropped.
  public var duplicates: UInt64 = 0
  /// Messages that could not be read.
  public var rejected: UInt64 = 0
  /// Stretches that the streams lost.
  public var gaps: [FeedGap] = []
  /// SHA-256 of the packed file, hexadecimal.
  public var sha256 = ""
  /// Whether wallets and hashes are pseudonyms.
  public var isPseudonymized = false
  /// Whether only some markets or wallets were recorded.
  public var isFiltered = false

  /// Nothing yet.
  public init() {}

  /// Version of the form of recordings and manifests.
  public static let format = 1

  /// One JSON object with its newline; it holds no key of any feed.
  public var json: String {
    var out: [UInt8] = []
    func raw(_ text: String) { out.append(contentsOf: text.utf8) }
    raw("{\"betterbot_recording\":\(RecordingManifest.format),\"file\":")
    JSONText.quote(file, to: &out)
    raw(",\"sha256\":\"\(sha256)\",\"feeds\":[")
    for (place, feed) in feeds.enumerated() {
      raw(place > 0 ? ",{\"name\":" : "{\"name\":")
      JSONText.quote(feed.name, to: &out)
      raw(",\"kind\":\"\(feed.kindName)\",\"source\":")
      JSONText.quote(feed.displaySource, to: &out)
      raw("}")
    }
    raw("],\"from\":\(range.map { "\($0.lowerBound)" } ?? "null")")
    raw(",\"to\":\(range.map { "\($0.upperBound)" } ?? "null")")
    raw(",\"orders\":\(orders),\"markets\":\(markets),\"wallets\":\(wallets)")
    raw(",\"duplicates\":\(duplicates),\"rejected\":\(rejected),\"gaps\":[")
    for (place, gap) in gaps.enumerated() {
      raw(place > 0 ? "," : "")
      raw("{\"from\":\(gap.from),\"to\":\(gap.to),\"backfilled\":\(gap.isBackfilled)}")
    }
    raw("],\"filtered\":\(isFiltered),\"pseudonymized\":\(isPseudonymized)}\n")
    return String(decoding: out, as: UTF8.self)
  }
}
