import Documents

/// `--feed`, `--rest`, `--speed` and `--loop`: feeds for quick use, told without a file.
struct FeedFlags {
  /// The feeds that they name, and nothing else; nil when there is no `--feed`.
  let feeds: PlacedValue?
  /// What the flags say about each, over the environment.
  private var values: [(path: [String], value: PlacedValue)] = []

  private static let wanted =
    "write polymarket, dome:URL, file:PATH or the name of a feed in the configuration"

  /// Reads `polymarket`, `polymarket:URL`, `dome:URL`, `file:PATH` or the name of a feed of the file.
  ///
  /// `recordings` are values of the feeds of kind `file`, by key.
  init(
    _ flags: [String], restURL: String?, recordings: [String: String] = [:], file: PlacedValue
  ) throws(PlacedProblem) {
    var map = PlacedValue(.map([]), origin: "--feed")
    var names: [String] = []
    for flag in flags {
      if let configured = file["feeds"]?[flag] {
        if names.contains(flag) { throw PlacedProblem("--feed \(flag)", "is there twice") }
        map.set([flag], configured)
        names.append(flag)
        continue
      }
      let parts = flag.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let kind = String(parts[0])
      let rest = parts.count == 2 ? String(parts[1]) : nil
      guard FeedReader.kinds.contains(kind), rest != "", rest != nil || kind == "polymarket" else {
        // The text may hold a key, so it is not repeated.
        let known = FeedReader.kinds + (file["feeds"]?.entries.map(\.key) ?? [])
        let near = NearestName.nearest(kind, of: known).map { " (did you mean '\($0)'?)" } ?? ""
        throw PlacedProblem("--feed", FeedFlags.wanted + near)
      }
      let name = FeedFlags.free(kind, names)
      names.append(name)
      let key = kind == "file" ? "path" : "url"
      // Nothing of a feed of the same name in the file is taken over, least of all its key.
      map.set([name, "kind"], PlacedValue(kind, origin: "--feed"))
      values.append((["feeds", name, "kind"], PlacedValue(kind, origin: "--feed")))
      if let rest { values.append((["feeds", name, key], PlacedValue(rest, origin: "--feed"))) }
    }
    feeds = flags.isEmpty ? nil : map
    if let restURL { try setRest(restURL, feeds ?? file["feeds"]) }
    try setRecordings(recordings, feeds ?? file["feeds"])
  }

  /// Puts what the flags say over what the tree holds.
  func apply(to tree: inout PlacedValue) throws(PlacedProblem) {
    for (path, value) in values { tree.set(path, value) }
  }

  private mutating func setRecordings(
    _ settings: [String: String], _ feeds: PlacedValue?
  ) throws(PlacedProblem) {
    let names = (feeds?.entries ?? []).filter { $0.value["kind"]?.text == "file" }.map(\.key)
    for (key, text) in settings.sorted(by: { $0.key < $1.key }) {
      if names.isEmpty {
        throw PlacedProblem("--\(key)", "belongs to a feed of kind file: --feed file:PATH")
      }
      for name in names {
        values.append((["feeds", name, key], PlacedValue(text, origin: "--\(key)")))
      }
    }
  }

  private mutating func setRest(
    _ url: String, _ feeds: PlacedValue?
  ) throws(PlacedProblem) {
    let value = PlacedValue(url, origin: "--rest")
    guard let feeds else {
      values.append((["feeds", "polymarket", "kind"], PlacedValue("polymarket", origin: "--rest")))
      values.append((["feeds", "polymarket", "rest"], value))
      return
    }
    let names = feeds.entries.filter { $0.value["kind"]?.text != "file" }.map(\.key)
    guard let name = names.first, names.count == 1 else {
      throw PlacedProblem(
        "--rest",
        names.isEmpty
          ? "no feed has REST; it belongs to a feed of kind polymarket or dome"
          : "\(names.joined(separator: " and ")) have REST; say in the configuration which")
    }
    values.append((["feeds", name, "rest"], value))
  }

  private static func free(_ kind: String, _ names: [String]) -> String {
    if !names.contains(kind) { return kind }
    return (2...).lazy.map { "\(kind)-\($0)" }.first { !names.contains($0) } ?? kind
  }
}
