import Glibc

/// The folders in which a change of a rules folder shows, and which of their names matter.
///
/// Those are the folder itself with `lib` and `tables`, and wherever a name stands that leads there: the last one of
/// the path, and each symbolic link on the way, those of single files too. A folder above that is renamed as a whole
/// shows nowhere in it.
struct WatchPlan: Equatable {
  /// What an event means.
  enum Effect: Int {
    case nothing
    /// The rules may be others.
    case change
    /// And other folders are to be watched.
    case move
  }

  private struct Folder: Equatable {
    var device: UInt64
    var inode: UInt64
    var mask = UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD) | WatchPlan.moves
    /// Names that lead to the rules.
    var names: Set<String> = []
    /// What of the rules is in it.
    var places: Set<RuleFileNames.Place> = []
  }

  private static let moves = UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
  private static let writes = UInt32(IN_CLOSE_WRITE | IN_ATTRIB)
  private static let ends = UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)

  private var folders: [String: Folder] = [:]
  /// Whether some of it is on a file system that others change without us being told.
  private(set) var isRemote = false

  /// Looks where a rules folder is.
  init(_ folder: String) {
    guard let root = follow(folder) else { return }
    let mounts = MountTable()
    for place in RuleFileNames.Place.allCases {
      let path = place.path(in: root)
      guard let real = place == .rules ? root : follow(path), isFolder(real) else { continue }
      add(real, mask: WatchPlan.writes | UInt32(IN_DELETE_SELF | IN_MOVE_SELF), place: place)
      if mounts.isRemote(real) { isRemote = true }
      for name in (try? RuleFolder.list(real, place)) ?? [] where WatchPlan.isLink(real + "/" + name) {
        _ = follow(real + "/" + name)
      }
    }
  }

  /// What is to be watched: absolute paths without links, with the events to ask for.
  var watches: [(path: String, mask: UInt32)] { folders.map { ($0.key, $0.value.mask) } }

  /// What it means that something happened in a watched folder. A name is empty where the folder itself is meant.
  func effect(of mask: UInt32, on name: String, in path: String) -> Effect {
    guard let folder = folders[path] else { return .nothing }
    if mask & WatchPlan.ends != 0 { return .move }
    if name.isEmpty { return folder.places.isEmpty ? .nothing : .change }
    if folder.names.contains(name) { return mask & WatchPlan.moves != 0 ? .move : .change }
    if name == RuleFileNames.hold || name.hasSuffix(TestFolder.ending) {
      // A new test file is still being written, and says when it is closed.
      let isNew = name != RuleFileNames.hold && mask & UInt32(IN_CREATE) != 0
      return folder.places.contains(.rules) && !isNew ? .change : .nothing
    }
    guard folder.places.contains(where: { RuleFileNames.counts(name, in: $0) }) else { return .nothing }
    if mask & UInt32(IN_CREATE | IN_MOVED_TO) == 0 { return .change }
    var status = stat()
    if lstat(path + "/" + name, &status) != 0 { return .change }
    if status.st_mode & S_IFMT == S_IFLNK { return .move }
    // A new file is still being written, and says when it is closed; a second name of an old one says no more.
    let isNew = mask & UInt32(IN_CREATE) != 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1
    return isNew ? .nothing : .change
  }

  // MARK: The way to a file

  /// Where a path leads, nil when it leads nowhere; notes the names that decide it.
  private mutating func follow(_ path: String) -> String? {
    var rest = WatchPlan.parts(path)
    var here = ""
    if !path.hasPrefix("/") {
      guard let folder = realpath(".", nil) else { return nil }
      here = String(cString: folder)
      free(folder)
      if here == "/" { here = "" }
    }
    var links = 0
    while let name = rest.popLast() {
      if name == ".." {
        here = here.lastIndex(of: "/").map { String(here[..<$0]) } ?? ""
        continue
      }
      let next = here + "/" + name
      var status = stat()
      let isThere = lstat(next, &status) == 0
      let isLink = isThere && status.st_mode & S_IFMT == S_IFLNK
      if !isThere || isLink || rest.isEmpty {
        let isFile = isThere && status.st_mode & S_IFMT == S_IFREG
        add(here.isEmpty ? "/" : here, mask: isFile ? WatchPlan.writes : 0, name: name)
      }
      if !isThere { return nil }
      if !isLink {
        here = next
        continue
      }
      links += 1
      guard links <= 40, let target = WatchPlan.target(next) else { return nil }
      if target.hasPrefix("/") { here = "" }
      rest += WatchPlan.parts(target)
    }
    return here.isEmpty ? "/" : here
  }

  private mutating func add(
    _ path: String, mask: UInt32, name: String? = nil, place: RuleFileNames.Place? = nil
  ) {
    var status = stat()
    let isThere = stat(path, &status) == 0
    var folder =
      folders[path] ?? Folder(device: isThere ? UInt64(status.st_dev) : 0, inode: UInt64(status.st_ino))
    folder.mask |= mask
    if let name { folder.names.insert(name) }
    if let place { folder.places.insert(place) }
    folders[path] = folder
  }

  /// The names of a path, the first one last.
  private static func parts(_ path: String) -> [String] {
    path.split(separator: "/").reversed().filter { $0 != "." }.map(String.init)
  }

  private static func target(_ link: String) -> String? {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link, &text, text.count)
    return count > 0 ? String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
