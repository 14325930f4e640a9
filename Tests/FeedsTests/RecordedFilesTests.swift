import COrderFlow
import Feeds
import Glibc
import OrderFlow
import Testing
import Wire

@Suite struct RecordedFilesTests {
  /// The folder of recorded data beside the repository, nil where it is not installed.
  static let folder: String? = {
    var path = #filePath
    while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      path = String(path[..<slash])
      let data = path + "/../shared/data/polymarket_fills_2026-01"
      if access(path + "/Package.swift", R_OK) == 0, access(data, R_OK) == 0 { return data }
    }
    return nil
  }()

  /// What both formats must agree on.
  private struct Fill {
    var time: Int64
    var money: [Int64]
    var side: String
    var texts: [String?]
  }

  private func fills(_ name: String) throws -> (fills: [Fill], counters: ScanCounters) {
    var feed = try FileFeed(path: try #require(RecordedFilesTests.folder) + "/" + name)
    var batch = OrderBatch()
    var fills: [Fill] = []
    let fields: [TextField] = [.user, .tokenID, .tokenLabel, .marketSlug, .conditionID, .title, .txHash]
    var more = true
    while more {
      more = try feed.next(into: &batch)
      fills += batch.orders.map { order in
        Fill(
          time: order.time, money: [order.price, order.shares, order.usd, order.usd_floor],
          side: order.sideName,
          texts: fields.map { order.string($0) })
      }
    }
    return (fills, feed.counters)
  }

  @Test(
    "both recordings give the same 4,533 orders and reject none",
    .enabled(if: RecordedFilesTests.folder != nil, "skipped: ../shared/data is not there"))
  func recordings() throws {
    let dome = try fills("dome_events.jsonl.gz")
    let frames = try fills("rtds_frames.jsonl.gz")
    #expect(dome.fills.count == 4533 && dome.counters.rejected == 0 && dome.counters.skipped == 0)
    #expect(frames.fills.count == 4533 && frames.counters.rejected == 0 && frames.counters.skipped == 0)
    // Fills of one transaction come in another order.
    let left = dome.fills.map { "\($0)" }.sorted()
    let right = frames.fills.map { "\($0)" }.sorted()
    for (one, other) in zip(left, right) where one != other { Issue.record("\(one) differs from \(other)") }
    #expect(dome.fills.allSatisfy { $0.texts[0] != nil && $0.texts[3] != nil })
  }
}
