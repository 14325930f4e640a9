internal import CReferenceScanner
internal import COrderFlow
internal import Foundation
internal import OrderFlow
internal import Wire

/// Ways to get from the bytes of a line to an order.
enum ScanContenders {
  private static let block = 1 << 18

  /// The C scanner, fed in blocks as the others are.
  static func reference(_ lines: [UInt8]) -> Contender {
    let orders = UnsafeMutablePointer<bb_order>.allocate(capacity: 512)
    return Contender(
      name: "C scanner",
      run: {
        guard let scanner = bbref_new() else { return (0, 0) }
        defer { bbref_free(scanner) }
        var result = (orders: 0, sum: Int64(0))
        lines.withUnsafeBytes { bytes in
          for start in stride(from: 0, to: bytes.count, by: block) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + block, bytes.count)])
            guard bbref_append(scanner, piece.baseAddress, piece.count) != 0 else { return }
            while true {
              let count = bbref_next(scanner, orders, 512)
              for place in 0..<count { result.sum &+= orders[place].usd }
              result.orders += count
              if count < 512 { break }
            }
          }
        }
        return result
      })
  }

  /// The scanner of BetterBot.
  static func swift(_ lines: [UInt8], speculates: Bool) -> Contender {
    Contender(name: speculates ? "Swift scan+decode" : "Swift, any key order") {
      var options = ScannerOptions()
      options.speculates = speculates
      var scanner = OrderScanner(options)
      var batch = OrderBatch()
      var result = (orders: 0, sum: Int64(0))
      lines.withUnsafeBytes { bytes in
        for start in stride(from: 0, to: bytes.count, by: block) {
          scanner.append(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + block, bytes.count)]))
          var state = ScanState.more
          while state == .more {
            state = scanner.next(into: &batch)
            let orders = batch.orders
            for place in 0..<orders.count { result.sum &+= orders[place].usd }
            result.orders += orders.count
          }
        }
      }
      return result
    }
  }

  private struct DecodedOrder: Decodable {
    enum CodingKeys: String, CodingKey {
      case tokenID = "token_id", side, marketSlug = "market_slug", conditionID = "condition_id", shares
      case sharesNormalized = "shares_normalized", price, txHash = "tx_hash", orderHash = "order_hash"
      case timestamp, user, taker
    }

    var tokenID: String
    var side: String
    var marketSlug: String
    var conditionID: String
    var shares: Int64
    var sharesNormalized: Double
    var price: Double
    var txHash: String
    var orderHash: String
    var timestamp: Int64
    var user: String
    var taker: String?
  }

  /// Foundation's decoder, a line at a time.
  static func foundation(_ lines: [UInt8]) -> Contender {
    let messages = lines.split(separator: 0x0A).map { Data($0) }
    return Contender(name: "JSONDecoder") {
      let decoder = JSONDecoder()
      var result = (orders: 0, sum: Int64(0))
      for message in messages {
        guard let order = try? decoder.decode(DecodedOrder.self, from: message) else { continue }
        let price = Int64((order.price * 1_000_000).rounded())
        result.sum &+= Micros.notional(price: price, shares: order.shares)?.rounded ?? 0
        result.orders += 1
      }
      return result
    }
  }
}
