import Documents
import Feeds
import Testing

@testable import betterbot

@Suite struct FeedFlagTests {
  private func feeds(
    _ flags: [String], rest: String? = nil, _ environment: [String: String] = [:], config: String? = nil
  ) throws -> [FeedSettings] {
    try Configuration.read(
      ConfigurationFlags(file: config, feeds: flags, restURL: rest), environment: environment
    ).feeds
  }

  @Test("a feed for quick use is a kind and where it is")
  func quick() throws {
    #expect(
      try feeds(["dome:ws://127.0.0.1:8801", "file:a:b.gz", "file:-"], rest: "http://127.0.0.1:8802/") == [
        FeedSettings(
          name: "dome",
          kind: .dome(DomeSettings(url: "ws://127.0.0.1:8801", restURL: "http://127.0.0.1:8802"))),
        FeedSettings(name: "file", kind: .file(FileSettings(path: "a:b.gz"))),
        FeedSettings(name: "file-2", kind: .file(FileSettings(path: "-"))),
      ])
  }

  @Test("polymarket needs no place, and --rest alone is about it")
  func polymarket() throws {
    var settings = PolymarketSettings()
    #expect(try feeds(["polymarket"]) == [FeedSettings(name: "polymarket", kind: .polymarket(settings))])
    settings.recovery.url = nil
    #expect(try feeds([], rest: "off") == [FeedSettings(name: "polymarket", kind: .polymarket(settings))])
  }

  @Test("the environment adds to a quick feed, makes no others, and what the flag says wins")
  func environment() throws {
    let result = try feeds(
      ["dome:ws://a"],
      [
        "BETTERBOT_FEEDS_DOME_KEY": "k", "BETTERBOT_FEEDS_DOME_URL": "ws://b",
        "BETTERBOT_FEEDS_OTHER_URL": "ws://c",
      ])
    #expect(
      result == [FeedSettings(name: "dome", kind: .dome(DomeSettings(url: "ws://a", restURL: nil, key: "k")))]
    )
  }

  @Test("a name takes a feed of the file; a kind takes nothing of it")
  func named() throws {
    let path = try BetterBotTests.temporaryFile(
      """
      feeds:
        dome: {kind: dome, url: "ws://a", key: secret}
        rec: {kind: file, path: x, speed: max}
      """)
    defer { BetterBotTests.remove(path) }
    #expect(try feeds([], config: path).map(\.name) == ["dome", "rec"])
    var file = FileSettings(path: "x")
    file.speed = nil
    #expect(try feeds(["rec"], config: path) == [FeedSettings(name: "rec", kind: .file(file))])
    #expect(
      try feeds(["dome:ws://b"], config: path) == [
        FeedSettings(name: "dome", kind: .dome(DomeSettings(url: "ws://b", restURL: nil)))
      ])
  }

  @Test(
    "a flag that means nothing says what can be written",
    arguments: [
      (
        ["dom:ws://a"], nil,
        "--feed: write polymarket, dome:URL, file:PATH or the name of a feed in the configuration (did you mean 'dome'?)"
      ),
      (["file"], nil, "--feed: write polymarket"),
      (["dome:http://a"], nil, "--feed: feeds.dome.url must be a URL that begins with wss:// or ws://"),
      (["file:x"], "http://a", "--rest: no feed has REST"),
      (
        ["dome:ws://a", "polymarket"], "http://a",
        "--rest: dome and polymarket have REST; say in the configuration which"
      ),
      (
        ["dome:ws://a"], "ftp://a",
        "--rest: feeds.dome.rest must be a URL that begins with https:// or http://"
      ),
    ])
  func wrong(_ flags: [String], _ rest: String?, _ expected: String) {
    let error = #expect(throws: PlacedProblem.self) { try feeds(flags, rest: rest) }
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
  }

  @Test("how a recording is played can be said with flags, and belongs to a recording")
  func recordings() throws {
    var flags = ConfigurationFlags(feeds: ["file:a.jsonl"])
    flags.recordings = ["speed": "max", "loop": "true"]
    var settings = FileSettings(path: "a.jsonl")
    settings.speed = nil
    settings.loops = true
    let feeds = try Configuration.read(flags, environment: [:]).feeds
    #expect(feeds == [FeedSettings(name: "file", kind: .file(settings))])
    flags.recordings = ["speed": "fast"]
    let wrong = #expect(throws: PlacedProblem.self) { try Configuration.read(flags, environment: [:]) }
    #expect(wrong?.description.contains("--speed") == true)
    flags = ConfigurationFlags(feeds: ["polymarket"])
    flags.recordings = ["speed": "max"]
    let other = #expect(throws: PlacedProblem.self) { try Configuration.read(flags, environment: [:]) }
    #expect(other?.description.contains("--feed file:PATH") == true)
  }
}
