import Testing

@testable import RuleKit

@Suite("Lines of a header's conditions")
struct HeaderLinesTests {
  private static let text = """
    local big = at_least(usd(100))
    local where = {
      side = "BUY", usd_floor = big,
    }
    local R = rule {
      title = "t",
      windows = {
        buys = window.sliding {
          by = { "user" }, span = "1h",
          where = where,
          agg = { n = count() },
        },
      },
      where = {
        side = "BUY",
        ["buys.n"] = at_least "min_n",
      },
      dedup = { by = { "user" }, hold = "1h" },
    }
    return R
    """

  @Test(
    "a condition is found where it is written, or what is around it",
    arguments: [
      ("buys.n", nil, 16), ("side", nil, 15), ("price", nil, 14), ("side", "buys", 3),
      ("usd_floor", "buys", 3),
      ("usd", "buys", 10), ("usd", "sells", 7),
    ] as [(String, String?, Int)])
  func found(subject: String, window: String?, line: Int) throws {
    let lines = HeaderLines(try LuaParser.parse(Array(Self.text.utf8)))
    #expect(lines.line(of: subject, window: window) == line)
    #expect(lines.line(ofEntry: "dedup") == 18)
  }

  @Test("a text without a header has none")
  func none() throws {
    let lines = HeaderLines(try LuaParser.parse(Array("return {}".utf8)))
    #expect(lines.line(of: "side") == nil && lines.line(ofEntry: "dedup") == nil)
  }
}
