import COrderFlow
import Glibc
import Feeds
import OrderFlow
import Wire

/// A file that is gone with the test.
final class TemporaryFile {
  let path: String

  init(_ bytes: [UInt8], name: String = "orders.jsonl") {
    var template = Array("/tmp/betterbot-feeds-XXXXXX".utf8CString)
    path =
      (mkdtemp(&template) == nil
        ? "/tmp" : String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
      + "/" + name
    let file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count <= 0 { break }
      written += count
    }
    close(file)
  }

  deinit {
    unlink(path)
    if let slash = path.lastIndex(of: "/") { rmdir(String(path[..<slash])) }
  }
}

/// What a feed gave before it ended.
struct FeedResult {
  var hashes: [String] = []
  var letters: [DeadLetter] = []
  var counters = ScanCounters()
  var failure: FeedError?
  var bytesRead: Int64 = 0
  var totalBytes: Int64?
}

/// Reads a feed to its end.
func readAll(_ feed: consuming FileFeed) -> FeedResult {
  var result = FeedResult()
  var batch = OrderBatch(capacity: 100)
  do throws(FeedError) {
    var more = true
    while more {
      more = try feed.next(into: &batch)
      result.hashes += batch.orders.compactMap { $0.string(.txHash) }
      result.letters += batch.deadLetters
    }
  } catch {
    result.failure = error
  }
  result.counters = feed.counters
  result.bytesRead = feed.bytesRead
  result.totalBytes = feed.totalBytes
  return result
}

/// Reads a file of these bytes to its end.
func readFile(_ bytes: [UInt8], name: String = "orders.jsonl") throws -> FeedResult {
  let file = TemporaryFile(bytes, name: name)
  return try withExtendedLifetime(file) { readAll(try FileFeed(path: file.path)) }
}

/// Lines with one order each, told apart by their transaction.
func orderLines(_ numbers: Range<Int>) -> [UInt8] {
  var text = ""
  for number in numbers {
    text += #"{"token_id":"1","side":"BUY","price":0.5,"shares":1000000,"timestamp":1760000000,"user":"0xa","#
    text += "\"tx_hash\":\"0x\(number)\"}\n"
  }
  return Array(text.utf8)
}

/// The transactions of those lines.
func hashes(_ numbers: Range<Int>) -> [String] { numbers.map { "0x\($0)" } }
