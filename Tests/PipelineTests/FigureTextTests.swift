import Testing

@testable import Pipeline

@Suite struct FigureTextTests {
  @Test(
    "spans of time",
    arguments: [
      (0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (9999, "9.9 s"), (10_000, "10 s"), (99_999, "99 s"),
      (100_000, "1 min"), (7_199_999, "119 min"), (7_200_000, "2 h 0 min"), (172_799_999, "47 h 59 min"),
      (172_800_000, "2 d 0 h"), (-1500, "-1.5 s"), (Int64.min, "-106751991167 d 7 h"),
    ])
  func span(_ milliseconds: Int64, _ expected: String) {
    #expect(FigureText.span(milliseconds) == expected)
  }

  @Test(
    "microseconds",
    arguments: [
      (0, "0 µs"), (999.4, "999 µs"), (1000, "1.0 ms"), (9990, "10.0 ms"), (15_000, "15 ms"),
      (2_100_000, "2.1 s"),
      (Double.nan, "?"), (Double.infinity, "?"), (-1, "?"), (1e300, "11574074 d 1 h"),
    ])
  func microseconds(_ value: Double, _ expected: String) {
    #expect(FigureText.microseconds(value) == expected)
  }

  @Test(
    "bytes and numbers",
    arguments: [
      (-1, "0 B"), (999, "999 B"), (1000, "1 kB"), (85_999_999, "85 MB"), (1_250_000_000, "1.3 GB"),
    ])
  func bytes(_ count: Int, _ expected: String) { #expect(FigureText.bytes(count) == expected) }

  @Test("digits are grouped, and decimals have their zeros")
  func numbers() {
    #expect(FigureText.grouped(0) == "0" && FigureText.grouped(-1234) == "-1,234")
    #expect(FigureText.grouped(UInt64.max) == "18,446,744,073,709,551,615")
    #expect(
      FigureText.decimal(0.0125, places: 3) == "0.013" || FigureText.decimal(0.0125, places: 3) == "0.012")
    #expect(FigureText.decimal(-0.5, places: 2) == "-0.50" && FigureText.decimal(7, places: 0) == "7")
    #expect(FigureText.decimal(1e300, places: 2) == "?")
  }

  @Test("columns are as wide as their widest text, and what comes from outside stays on its line")
  func table() {
    var table = TextTable(["NAME", ">N", ""])
    #expect(table.lines == [])
    table.add(["a", "1,000", "x"])
    table.add(["bb\n", "2"])
    table.note("why\r")
    #expect(table.lines == ["NAME      N", "a     1,000  x", "bb\\n      2", "  why\\r"])
  }
}
