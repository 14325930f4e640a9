import Testing

@testable import Net

@Suite struct HTTPExchangeTests {
  private func feed(_ text: String, step: Int) -> (HTTPExchange.Action, used: Int) {
    var exchange = HTTPExchange(accepted: 101...101)
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: step) {
      let end = min(start + step, bytes.count)
      let action = exchange.receive(bytes[start..<end])
      if case .wait = action { continue }
      return (action, end)
    }
    return (exchange.end(isWhole: true), bytes.count)
  }

  @Test("however the bytes come, the answer is the same", arguments: [1, 2, 7, 1000])
  func steps(step: Int) {
    let head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 X\r\nA:  b \r\nUpgrade: websocket\r\n\r\n"
    guard case .accepted(let accepted, let rest) = feed(head + (step == 1000 ? "xyz" : ""), step: step).0
    else {
      Issue.record("not accepted")
      return
    }
    #expect(accepted.header("a") == "b" && accepted.header("UPGRADE") == "websocket")
    #expect(rest == (step == 1000 ? Array("xyz".utf8) : []))
    let chunks = "Transfer-Encoding: Chunked\n\n2;a\r\nab\r\n003\r\ncde\r\n0\r\n\r\n"
    guard case .refused(let refused, let body, false) = feed("HTTP/1.1 400 Bad\n" + chunks, step: step).0
    else {
      Issue.record("not refused")
      return
    }
    #expect(refused.status == 400 && body == Array("abcde".utf8))
  }

  @Test(
    "what never ends is cut, whether head, body or chunks",
    arguments: [
      "HTTP/1.1 101 X\r\n" + String(repeating: "A: b\r\n", count: 10_000),
      "HTTP/1.1 400 X\r\n\r\n" + String(repeating: "body", count: 10_000),
      "HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "1;", count: 20_000),
      "HTTP/1.1 400 X\r\nContent-Length: 99999999999\r\n\r\n" + String(repeating: "body", count: 10_000),
    ])
  func endless(text: String) {
    #expect(feed(text, step: 100).used < 20_000)
  }

  @Test(
    "what is no head of a response is found",
    arguments: [
      "hello", "HTTQ", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n", "HTTP/1.1\r\n\r\n",
      "HTTP/1.1 101 X\r\nno colon\r\n\r\n",
    ])
  func malformed(text: String) {
    guard case .malformed = feed(text, step: 1).0 else {
      Issue.record("taken for a response")
      return
    }
  }
}
