import HummingbirdCore
import OrderFlow
import Testing

@testable import Broadcast

@Suite("Reading parameters, bodies and addresses")
struct RequestReaderTests {
  private func query(_ text: String) throws -> QueryReader {
    try QueryReader(URI("/x?\(text)"), allowed: ["a", "b"])
  }

  /// What a reading comes to; nil when it is refused.
  private func reading<Value>(_ text: String, _ body: (QueryReader) throws -> Value?) -> Value? {
    try? query(text).flatMap(body)
  }

  @Test("unknown parameters, and those that are there twice, are refused by name")
  func names() throws {
    for text in ["c=1", "A=1", "a=1&c", "a=1&a=1", "a&a", "%61=1", "=", "a%00=1"] {
      #expect(throws: Problem.self, "\(text)") { _ = try query(text) }
    }
    for text in ["", "a=1", "a=1&b=2"] { #expect(throws: Never.self, "\(text)") { _ = try query(text) } }
    do {
      _ = try query("\u{7f}secret\u{e9}=1")
      Issue.record("it was taken")
    } catch let problem as Problem {
      #expect(problem.detail == "there is no parameter of this name here; there are a, b")
    }
    do { _ = try QueryReader(URI("/x?a=1"), allowed: []) } catch {
      #expect(error.detail == "there is no parameter a here; there is none")
    }
  }

  @Test(
    "whole numbers",
    arguments: [
      ("a=0", 0), ("a=7", 7), ("a=100", 100), ("a=007", 7), ("a=101", nil), ("a=-1", nil), ("a=+1", nil),
      ("a=1.0", nil), ("a=1e1", nil), ("a=", nil), ("a= 1", nil), ("a=%31", 1), ("a=٣", nil),
      ("a=9223372036854775808", nil), ("b=1", nil),
    ] as [(String, Int64?)])
  func numbers(text: String, value: Int64?) {
    #expect(reading(text) { try $0.number("a", 0...100) } == value)
  }

  @Test(
    "times",
    arguments: [
      ("a=0", 0), ("a=1700000000000", 1_700_000_000_000), ("a=99999999999999", 99_999_999_999_999),
      ("a=100000000000000", nil), ("a=2026-01-04", 1_767_484_800_000),
      ("a=2026-01-04T19:51:35Z", 1_767_556_295_000), ("a=1970-01-01", 0), ("a=2024-02-29", 1_709_164_800_000),
      ("a=2023-02-29", nil), ("a=2026-1-4", nil), ("a=2026-01-04T19:51Z", nil),
      ("a=2026-01-04T19:51:35", nil),
      ("a=2026-01-04T24:00:00Z", nil), ("a=2026-01-04T19:51:60Z", nil), ("a=2026-01-04%2019:51:35Z", nil),
      ("a=-5", nil), ("a=", nil), ("a=now", nil), ("a=2026-01-04T19:51:35Z%0A", nil),
    ] as [(String, Int64?)])
  func times(text: String, value: Int64?) {
    #expect(reading(text) { try $0.time("a") } == value)
  }

  @Test(
    "texts",
    arguments: [
      ("a=x", "x"), ("a=%C3%A9", "é"), ("a=a%20b", "a b"), ("a=", nil), ("a=%00", nil), ("a=%7F", nil),
      ("a=a%0Ab", nil), ("a=1234", "1234"), ("a=12345", nil),
      ("a=%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80", "😀😀😀😀"),
    ] as [(String, String?)])
  func texts(text: String, value: String?) {
    #expect(reading(text) { try $0.text("a", most: 4) } == value)
  }

  @Test("words and severities")
  func words() {
    #expect(reading("a=errors,feeds") { try $0.words("a", StreamTopic.self) } == [.errors, .feeds])
    #expect(reading("a=errors,errors") { try $0.words("a", StreamTopic.self) } == [.errors])
    #expect(reading("b=1") { try $0.words("a", StreamTopic.self) } == [])
    for text in ["a=", "a=,", "a=errors,", "a=Errors", "a=errors,%20feeds"] {
      #expect(reading(text) { try $0.words("a", StreamTopic.self) } == nil, "\(text)")
    }
    #expect(reading("a=feeds") { try $0.word("a", StreamTopic.self) } == .feeds)
    #expect(reading("a=feed") { try $0.word("a", StreamTopic.self) } == nil)
    #expect(reading("a=high") { try $0.severity("a") } == .high)
    #expect(reading("a=3") { try $0.severity("a") } == nil)
  }

  @Test("a body is one flat object of members that are known")
  func bodies() throws {
    func body(_ text: String) throws -> BodyReader { try BodyReader(Array(text.utf8), allowed: ["a", "b"]) }
    for text in ["", "1", "[]", "null", #""a""#, "{", #"{"a":1}x"#, #"{"c":1}"#, #"{"A":1}"#] {
      #expect(throws: Problem.self, "\(text)") { _ = try body(text) }
    }
    #expect(throws: Problem.self) {
      _ = try BodyReader([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], allowed: ["a"])
    }
    #expect(throws: Problem.self) { _ = try body(String(repeating: #"{"a":"#, count: 5_000)) }
    #expect(try body(#" {"a":"x","b":null} "#).text("a", most: 1) == "x")
    #expect(try body(#"{"b":null}"#).text("a", most: 1) == nil)
    #expect(try body(#"{"a":null}"#).text("a", most: 1) == nil)
    for value in [
      #""xy""#, #""\ud800""#, #""""#, "1", "true", #"["x"]"#, #"{"x":"x"}"#, #""\n""#, #""\u007f""#,
    ] {
      #expect(throws: Problem.self, "\(value)") { _ = try body("{\"a\":\(value)}").text("a", most: 1) }
    }
    #expect(try body(#"{"a":true}"#).flag("a") == true)
    #expect(try body(#"{"a":null}"#).flag("a") == nil)
    for value in ["1", "0", #""true""#, "[]"] {
      #expect(throws: Problem.self, "\(value)") { _ = try body("{\"a\":\(value)}").flag("a") }
    }
    #expect(try body(#"{"a":"high"}"#).word("a", [], { Severity(name: $0) }) == .high)
    for value in ["3", #""HIGH""#, #""""#] {
      #expect(throws: Problem.self) { _ = try body("{\"a\":\(value)}").word("a", [], { Severity(name: $0) }) }
    }
  }

  @Test("the address of a webhook has a host that can be one")
  func addresses() {
    let right = [
      "http://h", "https://h/", "HTTPS://H.example:65535/a?b#c", "http://u:p@h:8", "http://@h",
      "http://[::1]:80/x",
      "http://1.2.3.4?x", "http://h#x", "http://a_b-c.d.", "https://h/@[]", "http://h:00080",
    ]
    let wrong = [
      "", "h", "//h", "ftp://h", "http:/h", "http:h", "http://", "http:///x", "http://?x", "http://:80",
      "http://h:",
      "http://h:0", "http://h:65536", "http://h:x", "http://a@b@c", "http://`", "http://a b", "http://h/é",
      "http://é",
      "http://[::1", "http://[::g]", "http://[1]", "http://h\\x", "http://h\n", " http://h", "xhttp://h",
      "http://h%41",
    ]
    for url in right { #expect(WebhookURL.isOne(url), "\(url)") }
    for url in wrong { #expect(!WebhookURL.isOne(url), "\(url)") }
    #expect(WebhookURL.isOne("http://h/" + String(repeating: "x", count: 2_039)))
    #expect(!WebhookURL.isOne("http://h/" + String(repeating: "x", count: 2_040)))
  }
}

extension QueryReader {
  fileprivate func flatMap<Value>(_ body: (QueryReader) throws -> Value?) rethrows -> Value? {
    try body(self)
  }
}
