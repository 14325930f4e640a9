import Documents
import Feeds
import Glibc
import Journal
import Pipeline
import Testing

@testable import betterbot

@Suite struct ConfigurationTests {
  /// The configuration that a text means, or the message it is refused with.
  private func read(_ yaml: String, _ environment: [String: String] = [:]) -> Result<
    Configuration, PlacedProblem
  > {
    Result { () throws(PlacedProblem) in
      var tree = try YAMLText.parse(yaml, path: "b.yaml")
      try ConfigurationEnvironment(environment, ruleNames: ["whale", "whale_order"]).apply(to: &tree)
      return try ConfigurationReader.configuration(tree)
    }
  }

  private func message(_ yaml: String, _ environment: [String: String] = [:]) -> String {
    switch read(yaml, environment) {
    case .success: "fine"
    case .failure(let error): error.description
    }
  }

  @Test("without a file there is one feed, Polymarket's")
  func defaults() throws {
    let result = try Configuration.read(environment: [:])
    #expect(result.feeds == [FeedSettings(name: "polymarket", kind: .polymarket(PolymarketSettings()))])
    #expect(result.database == "betterbot.db" && result.rules == "rules" && result.durability == .full)
    #expect(result.lateness == .seconds(5) && result.retention == nil && result.socket == nil)
    #expect(result.reload == ReloadOptions() && result.reload.watches && !result.reload.isPartial)
    #expect(try read("# nothing but a comment\n").get() == result)
  }

  @Test("every key reaches its setting")
  func everything() throws {
    let result = try read(
      """
      rules: r
      db: /var/a.db
      durability: normal
      lateness: 250ms
      threads: 4
      socket: /run/x
      retention: {days: 3, rows: 70}
      reload: {watch: off, partial: true, tests: off, quiet: 1s}
      log: {format: json, level: debug}
      params:
        whale_order: {min_usd: 50000, name: "a b"}
      feeds:
        relay-1:
          kind: dome
          url: wss://relay.example.com/
          rest: https://relay.example.com/v1/
          key: abc
          ca: x.pem
          subscribe: {users: [0xABCDEF0123456789abcdef0123456789abcdef01]}
          subscription_size: 7
          subscription_limit: 8
          audit: off
          margin: 1m
          overlap: 2h
          requests_per_second: 0.5
        rec:
          kind: file
          path: a.gz
          speed: max
          loop: yes
      """
    ).get()
    #expect(result.rules == "r" && result.database == "/var/a.db" && result.durability == .normal)
    #expect(result.lateness == .milliseconds(250) && result.threads == 4 && result.socket == "/run/x")
    #expect(result.retention == Configuration.RetentionLimits(days: 3, rows: 70))
    #expect(!result.reload.watches && result.reload.isPartial && result.reload.quiet == .seconds(1))
    #expect(!result.reload.isTested)
    #expect(result.log == LogOptions(format: .json, level: .debug))
    #expect(result.parameters == ["whale_order": ["min_usd": "50000", "name": "a b"]])
    var dome = DomeSettings(
      url: "wss://relay.example.com", restURL: "https://relay.example.com/v1", key: "abc")
    dome.certificateFile = "x.pem"
    dome.filter = .users(["0xabcdef0123456789abcdef0123456789abcdef01"])
    dome.subscriptionSize = 7
    dome.subscriptionLimit = 8
    dome.silence = nil
    dome.recovery.auditEvery = nil
    dome.recovery.margin = .seconds(60)
    dome.recovery.overlap = .seconds(7200)
    dome.recovery.requestsPerSecond = 0.5
    var file = FileSettings(path: "a.gz")
    file.speed = nil
    file.loops = true
    #expect(
      result.feeds == [
        FeedSettings(name: "relay-1", kind: .dome(dome)), FeedSettings(name: "rec", kind: .file(file)),
      ])
  }

  @Test(
    "what is wrong is said with its line and what is wanted",
    arguments: [
      ("db: a\ndurabilty: full", "b.yaml:2: unknown key durabilty (did you mean 'durability'?)"),
      ("colour: red", "b.yaml:1: unknown key colour; there is rules, db,"),
      ("durability: ful", "b.yaml:1: durability must be full or normal, not ful"),
      ("\nlateness: 5", "b.yaml:2: lateness must be a duration such as 250ms, 5s, 10m, 1h or 1d, not 5"),
      ("lateness: -5s", "lateness must be a duration"), ("lateness: 367d", "lateness must be a duration"),
      ("lateness: [5s]", "lateness must be a duration such as 250ms, 5s, 10m, 1h or 1d, not a list"),
      ("threads: 0", "b.yaml:1: threads must be a whole number from 1 to 32, not 0"),
      ("retention: {day: 3}", "unknown key retention.day (did you mean 'days'?)"),
      ("retention: 3", "b.yaml:1: retention must be a map of keys, not 3"),
      ("reload: {wach: true}", "unknown key reload.wach (did you mean 'watch'?)"),
      ("reload: {watch: 1}", "b.yaml:1: reload.watch must be true or false, not 1"),
      ("reload: {partial: some}", "reload.partial must be true or false, not some"),
      ("reload: {quiet: 200}", "reload.quiet must be a duration such as"),
      ("\nreload: {quiet: 2m}", "b.yaml:2: reload.quiet must be at most 60s"),
      ("log: {format: xml}", "b.yaml:1: log.format must be text or json, not xml"),
      ("log: {level: verbose}", "b.yaml:1: log.level must be trace, debug, info, notice, warning, error or"),
      ("log: {lvel: info}", "unknown key log.lvel (did you mean 'level'?)"),
      ("reload: off", "b.yaml:1: reload must be a map of keys, not off"),
      (
        "params: {whale: {a: [1]}}",
        "b.yaml:1: params.whale.a must be one value, such as 50000 or 10m, not a list"
      ),
      ("- a\n- b", "b.yaml:1: the file must be a map of keys"),
      ("db: a\nrules: [b\n", "b.yaml:3: is not YAML"), ("db: a\ndb: b", "b.yaml:1: db stands more than once"),
      ("a: &x [1]\nb: *y", "b.yaml:2: is not YAML"),
      ("feeds: {}", "b.yaml:1: feeds is empty"), ("feeds: {A: {kind: file, path: x}}", "the feed's name 'A'"),
      ("feeds:\n  a:\n    url: x", "b.yaml:2: feeds.a.kind is missing: polymarket, dome or file"),
      (
        "feeds:\n  a:\n    kind: dom",
        "b.yaml:3: feeds.a.kind must be polymarket, dome or file, not dom (did you mean 'dome'?)"
      ),
      ("feeds:\n  a:\n    kind: dome", "b.yaml:2: feeds.a.url is missing"),
      ("feeds: {a: {kind: file}}", "feeds.a.path is missing"),
      ("feeds: {a: {kind: file, path: x, url: y}}", "feeds.a.url is no key of a feed of kind file"),
      ("feeds: {a: {kind: file, path: x, sped: 1x}}", "unknown key feeds.a.sped (did you mean 'speed'?)"),
      ("feeds: {a: {kind: file, path: x, speed: 10}}", "feeds.a.speed must be a speed such as 1x"),
      ("feeds: {a: {kind: file, path: x, speed: 0x}}", "feeds.a.speed must be a speed such as 1x"),
      ("feeds: {a: {kind: file, path: x, loop: maybe}}", "feeds.a.loop must be true or false, not maybe"),
      ("feeds: {a: {kind: file, path: '-', loop: true}}", "standard input can be read once only"),
      ("feeds: {a: {kind: polymarket, silence: off}}", "feeds.a.silence must be a duration"),
      ("feeds: {a: {kind: polymarket, audit: 10ms}}", "feeds.a.audit must be at least 1s, or off"),
      (
        "feeds: {a: {kind: polymarket, requests_per_second: 1e9}}",
        "must be a number from 0.01 to 1000, not 1e9"
      ),
      (
        "feeds: {a: {kind: dome, url: 'ws://h', subscribe: watchlst}}",
        "not watchlst (did you mean 'watchlist'?)"
      ),
      (
        "feeds: {a: {kind: dome, url: 'ws://h', subscribe: {users: [0x1]}}}",
        "feeds.a.subscribe.users: an entry 0x1 is wrong; list wallets, 0x and 40 digits"
      ),
      ("feeds: {a: {kind: dome, url: 'ws://h', subscribe: {users: []}}}", "feeds.a.subscribe.users is empty"),
      (
        "feeds: {a: {kind: dome, url: 'ws://h', subscribe: {}}}",
        "feeds.a.subscribe must be everything, watchlist, or one"
      ),
      (
        "feeds: {a: {kind: dome, url: 'ws://h', subscribe: {markets: [a], users: [0x1111111111111111111111111111111111111111]}}}",
        "feeds.a.subscribe must be everything, watchlist, or one"
      ),
      ("feeds: {a: {kind: dome, url: 'ws://h', key: a, key_file: b}}", "choose one"),
      (
        "feeds: {a: {kind: dome, url: 'ws://h', key_file: /nowhere/x}}",
        "b.yaml:1: feeds.a.key_file: cannot open /nowhere/x: No such file"
      ),
    ])
  func wrong(_ yaml: String, _ expected: String) {
    let text = message(yaml)
    #expect(text.contains(expected), "\(text)")
    #expect(text.hasPrefix("b.yaml:"))
    #expect(!text.contains("\n"))
  }

  @Test(
    "no message shows a key or a URL that may hold one",
    arguments: [
      "feeds: {a: {kind: dome, url: 'http://h/s3cret'}}",
      "feeds: {a: {kind: dome, url: 'ws://h', rest: s3cret}}",
      "feeds: {a: {kind: dome, url: 'ws://h', key: 's3cret s3cret'}}",
      "feeds: {a: {kind: dome, url: 'ws://h', key: 'a/s3cret'}}",
      "feeds: {a: {kind: dome, url: 'ws://h/ s3cret'}}",
    ])
  func secrets(_ yaml: String) {
    #expect(message(yaml) != "fine" && !message(yaml).contains("s3cret"))
    #expect(
      !message("", ["BETTERBOT_FEEDS_A_KIND": "dome", "BETTERBOT_FEEDS_A_URL": "s3cret"]).contains("s3cret"))
    for flag in ["dom:ws://h/s3cret", "s3cret", "file", "dome:"] {
      let flags = ConfigurationFlags(feeds: [flag])
      let error = #expect(throws: PlacedProblem.self) { try Configuration.read(flags, environment: [:]) }
      #expect(error?.description.contains("s3cret") == false)
    }
  }

  @Test("a key file gives its first line, without the space around it")
  func keyFile() throws {
    var template = Array("/tmp/betterbot-key-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer {
      close(file)
      unlink(path)
    }
    func key() throws -> String? {
      guard
        case .dome(let dome) = try read("feeds: {a: {kind: dome, url: 'ws://h', key_file: \(path)}}").get()
          .feeds[0].kind
      else { return nil }
      return dome.key
    }
    let error = #expect(throws: PlacedProblem.self) { try key() }
    #expect(error?.description.contains("must hold a key") == true)
    #expect(Descriptor.write(Array("  k-1 \nmore\n".utf8), to: file) == 0)
    #expect(try key() == "k-1")
  }

  @Test("a variable is over the file; the name of a feed may have a hyphen")
  func environment() throws {
    let yaml = "db: a\nfeeds: {my-relay: {kind: dome, url: 'ws://a', subscribe: everything}}"
    let result = try read(
      yaml,
      [
        "BETTERBOT_DB": "b", "BETTERBOT_DURABILITY": "normal", "BETTERBOT_RETENTION_DAYS": "9",
        "BETTERBOT_RELOAD_WATCH": "false", "BETTERBOT_RELOAD_QUIET": "50ms",
        "BETTERBOT_LOG_FORMAT": "json", "BETTERBOT_LOG_LEVEL": "warning",
        "BETTERBOT_FEEDS_MY_RELAY_URL": "ws://b", "BETTERBOT_FEEDS_MY_RELAY_REQUESTS_PER_SECOND": "3",
        "BETTERBOT_FEEDS_MY_RELAY_SUBSCRIBE_MARKETS": "x, y,x", "BETTERBOT_FEEDS_MY_RELAY_KEY": "k",
        "BETTERBOT_FEEDS_REC_KIND": "file", "BETTERBOT_FEEDS_REC_PATH": "p",
        "BETTERBOT_PARAMS_WHALE_ORDER_MIN_USD": "5", "BETTERBOT_PARAMS_WHALE_X": "6", "BETTERBOT_RULES": "",
        "BETTERBOT_SERVICE_HOST": "10.0.0.1", "PATH": "/bin",
      ]
    ).get()
    #expect(result.database == "b" && result.durability == .normal && result.rules == "rules")
    #expect(result.retention == Configuration.RetentionLimits(days: 9))
    #expect(!result.reload.watches && !result.reload.isPartial && result.reload.quiet == .milliseconds(50))
    #expect(result.log == LogOptions(format: .json, level: .warning))
    #expect(result.parameters == ["whale_order": ["min_usd": "5"], "whale": ["x": "6"]])
    var dome = DomeSettings(url: "ws://b", restURL: nil, key: "k")
    dome.filter = .markets(["x", "y"])
    dome.recovery.requestsPerSecond = 3
    dome.silence = nil
    #expect(
      result.feeds == [
        FeedSettings(name: "my-relay", kind: .dome(dome)),
        FeedSettings(name: "rec", kind: .file(FileSettings(path: "p"))),
      ])
  }

  @Test(
    "a variable that is wrong is named",
    arguments: [
      ("BETTERBOT_DURABILITY", "ful", "BETTERBOT_DURABILITY: durability must be full or normal, not ful"),
      (
        "BETTERBOT_DURABILTY", "full",
        "BETTERBOT_DURABILTY: is no setting (did you mean 'BETTERBOT_DURABILITY'?)"
      ),
      ("BETTERBOT_RELOAD_WACH", "true", "BETTERBOT_RELOAD_WACH: is no setting (did you mean"),
      ("BETTERBOT_RELOAD_WATCH", "maybe", "BETTERBOT_RELOAD_WATCH: reload.watch must be true or false"),
      (
        "BETTERBOT_FEEDS_A_URLL", "x",
        "BETTERBOT_FEEDS_A_URLL: does not end in a key of a feed (did you mean 'url'?)"
      ),
      ("BETTERBOT_PARAMS_NOBODY_X", "1", "BETTERBOT_PARAMS_NOBODY_X: does not begin with the name of a rule"),
      ("BETTERBOT_FEEDS_A_URL", "ws://h", "BETTERBOT_FEEDS_A_URL: feeds.a.kind is missing"),
    ])
  func wrongVariable(_ name: String, _ text: String, _ expected: String) {
    #expect(message("", [name: text]).hasPrefix(expected), "\(message("", [name: text]))")
  }

  @Test("a file that is named must be there; another need not")
  func missingFile() {
    let flags = ConfigurationFlags(file: "/nowhere/b.yaml")
    let error = #expect(throws: PlacedProblem.self) { try Configuration.read(flags, environment: [:]) }
    #expect(error?.description == "cannot open /nowhere/b.yaml: No such file or directory")
    #expect(throws: PlacedProblem.self) {
      try Configuration.read(environment: ["BETTERBOT_CONFIG": "/nowhere/b.yaml"])
    }
  }

  @Test("a file that aliases blow up is refused")
  func aliases() {
    var yaml = "a: &a0 [x]\n"
    for level in 1..<7 {
      let list = Array(repeating: "*a\(level - 1)", count: 20).joined(separator: ",")
      yaml += "a\(level): &a\(level) [\(list)]\n"
    }
    #expect(message(yaml).contains("there are more than"))
  }
}
