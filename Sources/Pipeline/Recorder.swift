import COrderFlow
public import Feeds
import NIOCore
import OrderFlow
import RuleEngine
import Wire

/// Saves the flow of feeds as a recording: one order a line, packed, without repeats, with a manifest beside it.
///
/// One thread drives it. Nothing has the recording's name before `finish`.
public final class Recorder {
  /// What to record and how.
  public struct Options: Sendable {
    /// The file, usually `NAME.jsonl.gz`; must not be there yet.
    public var path: String
    /// For the manifest.
    public var feeds: [FeedSettings]
    /// Replaces wallets and hashes; nil leaves them as they are.
    public var pseudonyms: Pseudonyms?
    /// Slugs of the markets that are recorded; empty for all.
    public var markets: Set<String> = []
    /// The wallets that are recorded, lower case; empty for all.
    public var wallets: Set<String> = []
    /// End after so many orders.
    public var limit: Int?

    /// Everything that these feeds bring.
    public init(path: String, feeds: [FeedSettings]) {
      self.path = path
      self.feeds = feeds
    }
  }

  /// Orders recorded so far.
  public private(set) var orders: UInt64 = 0
  /// Whether the limit is reached; what comes after it is ignored.
  public var isFull: Bool { options.limit.map { orders >= UInt64(clamping: $0) } ?? false }

  /// More gaps than this are counted as one that reaches on.
  private static let maximumGaps = 10_000

  private let options: Options
  private let engine: Engine
  private let file: RecordingFile
  private let hashKey = UInt64.random(in: 1 ... .max)
  private var pseudonyms: Pseudonyms?
  private var scanners: [UInt16: MessageScanner] = [:]
  private var output = EngineOutput()
  private var line: [UInt8] = []
  private var manifest = RecordingManifest()
  private var markets: Set<UInt64> = []
  private var wallets: Set<UInt64> = []
  private var duplicates: UInt64 = 0
  /// Event time of the newest order that each feed has brought since it was last asked for, new or not.
  private var newest: [UInt16: Int64] = [:]

  /// Begins a recording. Throws when its file cannot be made.
  public init(_ options: Options) throws(FeedError) {
    self.options = options
    pseudonyms = options.pseudonyms
    file = try RecordingFile(options.path)
    // Without rules the engine is what drops repeats, the same way as in a run.
    do throws(Engine.Refusal) {
      engine = try Engine(RuleSources(rules: []))
    } catch {
      throw FeedError(.cannotRead, "an engine without rules does not start")
    }
  }

  /// Takes what a feed brings.
  public func take(_ item: FeedItem) throws(FeedError) {
    switch item {
    case .message(let message): try scan(message)
    case .rows(let batch):
      manifest.rejected += UInt64(batch.deadLetters.count)
      try record(batch.orders, of: batch.source)
    case .gap(let gap): note(gap)
    case .audited: break
    }
  }

  /// Event times, ms, up to which feeds have brought orders since this was last asked, by the feeds' numbers.
  func takeNewest() -> [UInt16: Int64] {
    defer { newest.removeAll(keepingCapacity: true) }
    return newest
  }

  /// Ends the recording and gives it its name; returns what it holds.
  public func finish() throws(FeedError) -> RecordingManifest {
    manifest.feeds = options.feeds
    manifest.file = String(options.path.split(separator: "/").last ?? "")
    manifest.orders = orders
    manifest.markets = markets.count
    manifest.wallets = wallets.count
    manifest.duplicates = duplicates
    manifest.isPseudonymized = pseudonyms != nil
    manifest.isFiltered = !options.markets.isEmpty || !options.wallets.isEmpty
    var manifest = manifest
    try file.finish { sum in
      manifest.sha256 = sum
      return manifest.json
    }
    return manifest
  }

  private func scan(_ message: FeedMessage) throws(FeedError) {
    let scanner = scanners[message.source] ?? MessageScanner()
    scanners[message.source] = scanner
    scanner.append(message.bytes)
    try scanner.drain { (batch) throws(FeedError) in
      manifest.rejected += UInt64(batch.deadLetters.count)
      try record(batch.orders, of: message.source)
    }
  }

  /// Records the orders of a batch, at most 512 at a time.
  private func record(
    _ orders: UnsafeMutableBufferPointer<bb_order>, of source: UInt16
  ) throws(FeedError) {
    if let latest = orders.lazy.map(\.time).max() { newest[source] = max(newest[source] ?? .min, latest) }
    var rest = orders[...]
    while !rest.isEmpty, !isFull {
      let part = UnsafeMutableBufferPointer(rebasing: rest.prefix(512))
      rest = rest.dropFirst(512)
      // Repeats count when the stream brought them: an audit reads everything again.
      let isStream = part.first?.origin == UInt8(BB_ORIGIN_STREAM)
      engine.process(part, into: &output)
      if isStream { duplicates += UInt64(part.count - output.orderCount) }
      line.removeAll(keepingCapacity: true)
      for place in 0..<output.orderCount where !isFull {
        if let order = part.baseAddress.map({ UnsafePointer($0 + place) }), isWanted(order) { append(order) }
      }
      try file.write(line)
    }
  }

  private func isWanted(_ order: UnsafePointer<bb_order>) -> Bool {
    if !options.markets.isEmpty, !options.markets.contains(order.pointee[.marketSlug].string) { return false }
    return options.wallets.isEmpty || options.wallets.contains(order.pointee[.user].string)
  }

  private func append(_ order: UnsafePointer<bb_order>) {
    orders += 1
    let time = order.pointee.time
    manifest.range = manifest.range.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
    let market =
      order.pointee[.marketSlug].count > 0 ? order.pointee[.marketSlug] : order.pointee[.conditionID]
    if market.count > 0 { markets.insert(hash(market)) }
    wallets.insert(hash(order.pointee[.user]))
    if pseudonyms == nil {
      DomeText.append(order, to: &line)
    } else {
      pseudonyms?.with(order) { DomeText.append($0, to: &line) }
    }
    line.append(UInt8(ascii: "\n"))
  }

  /// Sets of hashes instead of texts: a day has hundreds of thousands of wallets.
  private func hash(_ text: bb_text) -> UInt64 {
    guard let bytes = text.bytes else { return 0 }
    return bb_hash(bytes, Int(text.count), hashKey)
  }

  /// A gap that is already known has grown or is filled now.
  private func note(_ gap: FeedGap) {
    let place = manifest.gaps.lastIndex { $0.source == gap.source && $0.from == gap.from }
    if let place {
      manifest.gaps[place] = gap
    } else if manifest.gaps.count < Recorder.maximumGaps {
      manifest.gaps.append(gap)
    } else {
      manifest.gaps[Recorder.maximumGaps - 1].to = gap.to
      manifest.gaps[Recorder.maximumGaps - 1].isBackfilled = false
    }
  }
}
