import Testing

@testable import Broadcast

@Suite struct PrometheusTextTests {
  @Test("a family has its help, its kind and its samples")
  func family() {
    var text = PrometheusText()
    text.family("a_total", .counter, "What\nit \\ is.") { family in
      family.sample([("feed", "x\"y\\z\nw"), ("le", "1")], UInt64.max)
      family.sample([], 0.5)
    }
    text.family("b", .gauge, "", 3)
    #expect(
      text.text == """
        # HELP a_total What\\nit \\\\ is.
        # TYPE a_total counter
        a_total{feed="x\\"y\\\\z\\nw",le_="1"} 18446744073709551615
        a_total 0.5
        # TYPE b gauge
        b 3

        """)
    #expect(text.dropped == 0)
  }

  @Test(
    "numbers are as Prometheus reads them",
    arguments: [
      (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1, "1"), (-2.5, "-2.5"),
      (0.00005, "5e-05"),
      (1e15, "1000000000000000"), (1e300, "1e+300"),
    ])
  func numbers(_ value: Double, _ expected: String) { #expect(PrometheusText.number(value) == expected) }

  @Test(
    "names are made legal",
    arguments: [
      ("http.server.request-duration", "http_server_request_duration"), ("9lives", "_9lives"), ("", "_"),
      ("a:b", "a:b"),
      ("größe", "gr____e"), ("a b\n", "a_b_"),
    ])
  func names(_ name: String, _ expected: String) { #expect(PrometheusName.metric(name) == expected) }

  @Test(
    "labels are made legal, and those of Prometheus are left to it",
    arguments: [
      ("a:b", "a_b"), ("__name__", "_name__"), ("le", "le_"), ("http.route", "http_route"), ("", "_"),
    ])
  func labels(_ name: String, _ expected: String) { #expect(PrometheusName.label(name) == expected) }

  @Test("of two labels of one name the first counts")
  func doubleLabel() { #expect(PrometheusName.labels([("a.b", "1"), ("a_b", "2")]) == "a_b=\"1\"") }

  @Test("a label's value is cut at 128 bytes, between characters")
  func cut() {
    let long = String(repeating: "é", count: 100)
    let cut = PrometheusName.cut(long + "x", 127)
    #expect(cut.utf8.count == 126 && cut.allSatisfy { $0 == "é" })
    #expect(PrometheusName.labels([("a", long)]) == "a=\"\(String(repeating: "é", count: 64))\"")
    #expect(PrometheusName.cut("abc", 3) == "abc")
  }

  @Test("what is written twice is left out and counted: a series, and a family")
  func twice() {
    var text = PrometheusText()
    text.family("a", .gauge, "") { family in
      family.sample([("x", "1")], 1.0)
      family.sample([("x", "1")], 2.0)
    }
    text.family("a", .counter, "") { $0.sample([], 1.0) }
    #expect(text.text == "# TYPE a gauge\na{x=\"1\"} 1\n")
    #expect(text.dropped == 2)
  }

  @Test("a family has at most a thousand series")
  func bounded() {
    var text = PrometheusText()
    text.family("a", .gauge, "") { family in
      for number in 0..<1_200 { family.sample([("x", "\(number)")], true) }
    }
    #expect(text.text.split(separator: "\n").count == 1_001)
    #expect(text.dropped == 200)
  }
}
