import Logging
import Testing
import Wire

@testable import betterbot

@Suite struct LogLineTests {
  private func line(
    _ format: LogOptions.Format, _ message: String, _ metadata: Logger.Metadata = [:],
    level: Logger.Level = .info, error: (any Error)? = nil
  ) -> String {
    var handler = LineLogHandler(LogOptions(format: format, level: .trace))
    handler[metadataKey: "feed"] = metadata["feed"]
    var metadata = metadata
    metadata["feed"] = nil
    let event = LogEvent(
      level: level, message: "\(message)", error: error, metadata: metadata, source: "test", file: "f",
      function: "g", line: 1)
    return handler.line(event, at: 1_767_556_295_007)
  }

  @Test("text has the time, the level when it is no information, the feed, the message, and more behind it")
  func text() {
    #expect(line(.text, "it goes") == "2026-01-04 19:51:35  it goes")
    #expect(
      line(.text, "it fails", ["feed": "relay", "b": "2", "a": "1"], level: .error)
        == "2026-01-04 19:51:35  error: feed relay: it fails a=1 b=2")
    #expect(line(.text, "x", level: .debug) == "2026-01-04 19:51:35  debug: x")
  }

  @Test("JSON has the time in RFC 3339 with milliseconds, and metadata sorted behind the message")
  func json() {
    #expect(
      line(
        .json, "say \"x\"\\", ["feed": "relay", "b": "2", "a": ["c", "d"], "time": "now"], level: .warning)
          == """
          {"time":"2026-01-04T19:51:35.007Z","level":"warning","message":"say \\"x\\"\\\\",\
          "a":"[\\"c\\", \\"d\\"]","b":"2","feed":"relay","time_":"now"}
          """.replacing("[\"c\", \"d\"]", with: "[\\\"c\\\", \\\"d\\\"]"))
    #expect(LogLine.rfc3339(-1) == "1969-12-31T23:59:59.999Z")
  }

  @Test(
    "what is not visible is an escape in both, in messages, keys and values",
    arguments: [
      "a\nb", "\r", "\u{1B}[31m", "\u{9B}31m", "\u{85}", "\u{202E}abc", "\u{2066}", "\0", "\u{7F}",
      "\u{E0041}",
    ])
  func control(_ text: String) {
    for format in [LogOptions.Format.text, .json] {
      let line = line(format, "m \(text)", ["k\(text)": "v \(text)"])
      let bad = line.unicodeScalars.filter {
        $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0.value > 0x2000
      }
      #expect(bad.isEmpty, "\(line)")
      if format == .json {
        #expect(line.utf8.withContiguousStorageIfAvailable { JSONText.isStrict($0) } == true, "\(line)")
      }
    }
    #expect(line(.json, "\u{1B}\n").contains("\\u001b\\u000a"))
    #expect(line(.json, "\u{E0041}").contains("\\udb40\\udc41"))
  }

  @Test("a message is cut at 8 KiB and a value at 1 KiB, between characters; there are at most 32 values")
  func bounded() {
    let long = String(repeating: "é", count: 20_000)
    var metadata: Logger.Metadata = [:]
    for number in 0..<100 { metadata["k\(number)"] = "\(long)" }
    for format in [LogOptions.Format.text, .json] {
      #expect(line(format, "x" + long).utf8.count < 8192 + 100)
      #expect(line(format, "x" + long).contains("é…"))
      #expect(line(format, "x", metadata).utf8.count < 34 * 1100)
    }
  }

  @Test(
    "a secret that a library logs is masked",
    arguments: [
      ("m", ["hb.request.path": "/v1/stream?ticket=s3cretvalue"]),
      ("m", ["hb.request.headers": "[\"Authorization\": \"Bearer s3cretvalue\"]"]),
      ("m", ["Authorization": "s3cretvalue"]), ("m", ["x-set-cookie": "s3cretvalue"]),
      ("m", ["api_token": "s3cretvalue"]), ("header was authorization: bearer s3cretvalue, and more", [:]),
      ("Basic s3cretvalue==", [:]), ("key whsec_s3cretvalue", [:]), ("m", ["note": "Bearer s3cretvalue"]),
    ] as [(String, [String: String])])
  func secrets(_ message: String, _ metadata: [String: String]) {
    for format in [LogOptions.Format.text, .json] {
      let line = line(format, message, metadata.mapValues { .string($0) }, level: .trace)
      #expect(!line.contains("s3cret") && line.contains("***"), "\(line)")
    }
  }

  @Test(
    "what only looks a little like one is left as it is",
    arguments: ["basic rules hold", "a bearer of news", "Bearer", "the path /v1?x", "whsec_"])
  func prose(_ message: String) { #expect(line(.text, message).hasSuffix("  " + message)) }

  @Test("an error that goes with an event is shown")
  func error() {
    struct Broken: Error, CustomStringConvertible { var description: String { "broken\n" } }
    #expect(line(.text, "m", error: Broken()).hasSuffix("m error=broken\\n"))
  }
}
