import Glibc
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct FolderObserverTests {
  private let workspace: Workspace
  private static let second: UInt64 = 1_000_000_000

  init() throws {
    workspace = try Workspace()
    try workspace.write("x", to: "rules/a.lua")
  }

  /// One that uses nothing but inotify, or nothing but looking, without waiting between two looks.
  private func observer(inotify: Bool, _ path: String = "rules") -> FolderObserver {
    var options = FolderObserver.Options()
    options.usesInotify = inotify
    options.lookEvery = 0
    options.checkEvery = 3_600 * Self.second
    let observer = FolderObserver(path.hasPrefix("/") ? path : workspace.file(path), options)
    #expect(observer.reason == nil)
    return observer
  }

  /// Whether a change has been seen by now; takes all that there is to see.
  private func hasChanged(_ observer: inout FolderObserver) -> Bool {
    var hasChanged = false
    // The system tells of a change before the call that makes it returns.
    while observer.wait(longest: 0) == .changed { hasChanged = true }
    return hasChanged
  }

  @Test("every change is noticed once, and the next one too", arguments: FolderChange.files, [true, false])
  func files(_ change: FolderChange, inotify: Bool) throws {
    try expectNotice(of: change, inotify)
  }

  @Test("whatever happens to the folders is noticed", arguments: FolderChange.folders, [true, false])
  func folders(_ change: FolderChange, inotify: Bool) throws {
    try expectNotice(of: change, inotify)
  }

  private func expectNotice(of change: FolderChange, _ inotify: Bool) throws {
    try change.prepare(workspace)
    var observer = observer(inotify: inotify)
    #expect(!hasChanged(&observer))
    try change.make(workspace)
    #expect(observer.wait(longest: 10 * Self.second) == .changed)
    _ = hasChanged(&observer)
    #expect(observer.reason == nil && !hasChanged(&observer))
    for name in ["rules/z.lua", "rules/lib/z.lua", "rules/tables/z.csv"] {
      try workspace.write("x", to: name)
      #expect(hasChanged(&observer), "\(name)")
    }
  }

  @Test("a folder whose parents are missing is noticed when it comes", arguments: [true, false])
  func missingParents(inotify: Bool) throws {
    var observer = observer(inotify: inotify, "one/two/rules")
    #expect(!hasChanged(&observer))
    try workspace.write("x", to: "one/two/rules/a.lua")
    #expect(hasChanged(&observer))
    try workspace.write("longer", to: "one/two/rules/a.lua")
    #expect(hasChanged(&observer))
  }

  @Test("a path may end in slashes and lead through dots", arguments: ["/", "///", "/.", "/../rules"])
  func path(_ end: String) throws {
    var observer = observer(inotify: true, "rules" + end)
    try workspace.write("longer", to: "rules/a.lua")
    #expect(hasChanged(&observer))
    workspace.move("rules", "old")
    #expect(hasChanged(&observer))
    try workspace.write("x", to: "rules/a.lua")
    #expect(hasChanged(&observer))
  }

  @Test(
    "what no version depends on is no change",
    arguments: [
      "rules/.a.lua.swp", "rules/a.lua~", "rules/#a.lua#", "rules/.#a.lua", "rules/4913", "rules/a.lua.tmp",
      "rules/a.lua___jb_tmp___", "rules/notes.txt", "rules/sub/b.lua", "rules/lib/readme", "rules/lib/.x.swp",
      "rules/lib/.hold", "rules/tables/t.csv.tmp", "rules/tables/t.csv~", "rules/tables/.t.csv.Xa1b2",
      "rules/tables/4913", "b.lua",
    ], [true, false])
  func ignored(_ name: String, inotify: Bool) throws {
    try workspace.write("x", to: "rules/lib/l.lua")
    try workspace.write("x", to: "rules/tables/t.csv")
    var observer = observer(inotify: inotify)
    try workspace.write("x", to: name)
    workspace.move(name, "else")
    workspace.move("else", name)
    chmod(workspace.file(name), 0o600)
    workspace.remove(name)
    _ = try RuleFolder.read(workspace.file("rules"))
    #expect(!hasChanged(&observer))
    try workspace.write("longer", to: "rules/a.lua")
    #expect(hasChanged(&observer))
  }

  @Test("a new file counts when it is closed", arguments: ["b.lua", "a.test.yaml"])
  func slowWriter(_ name: String) throws {
    var observer = observer(inotify: true)
    let file = open(workspace.file("rules/\(name)"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    #expect(write(file, "x", 1) == 1)
    #expect(!hasChanged(&observer))
    close(file)
    #expect(hasChanged(&observer))
  }

  @Test("notices that the system lost count as a change, and the next change is noticed")
  func overflow() throws {
    let limit = String(
      decoding: try RuleFolder.contents("/proc/sys/fs/inotify/max_queued_events"), as: UTF8.self)
    let count = min(try #require(Int(limit.prefix { $0.isNumber })), 200_000)
    var observer = observer(inotify: true)
    try workspace.write("", to: "rules/one.txt")
    for _ in 0...count / 4 {
      workspace.move("rules/one.txt", "rules/two.txt")
      workspace.move("rules/two.txt", "rules/one.txt")
    }
    #expect(hasChanged(&observer))
    try workspace.write("longer", to: "rules/a.lua")
    #expect(hasChanged(&observer))
  }

  @Test("what inotify does not hear of is found by looking")
  func safetyNet() throws {
    var options = FolderObserver.Options()
    options.checkEvery = 0
    try workspace.write("x", to: "above/rules/a.lua")
    try workspace.write("x", to: "next/rules/a.lua")
    var observer = FolderObserver(workspace.file("above/rules"), options)
    #expect(!hasChanged(&observer))
    // A folder above the rules is not watched.
    workspace.move("above", "old")
    workspace.move("next", "above")
    #expect(hasChanged(&observer))
    try workspace.write("longer", to: "above/rules/a.lua")
    #expect(hasChanged(&observer))
  }

  @Test("where inotify has nothing to give it looks, says why, and tries inotify again with the next change")
  func noWatches() throws {
    var options = FolderObserver.Options()
    options.lookEvery = 0
    options.checkEvery = 0
    options.maximumWatches = 2
    try workspace.write("x", to: "rules/lib/l.lua")
    var observer = FolderObserver(workspace.file("rules"), options)
    #expect(observer.reason == "No space left on device")
    #expect(!hasChanged(&observer))
    try workspace.write("longer", to: "rules/a.lua")
    #expect(hasChanged(&observer) && observer.reason != nil)
    workspace.move("rules/lib", "old")
    #expect(hasChanged(&observer) && observer.reason == nil)
    try workspace.write("", to: "rules/a.lua")
    #expect(hasChanged(&observer))
  }

  @Test("the bell ends the wait")
  func bell() throws {
    var pair: [Int32] = [-1, -1]
    #expect(pipe(&pair) == 0)
    defer { for end in pair { close(end) } }
    var observer = observer(inotify: true)
    #expect(observer.wait(bell: pair[0], longest: 0) == .nothing)
    #expect(write(pair[1], "x", 1) == 1)
    #expect(observer.wait(bell: pair[0], longest: .max) == .stopped)
  }

  @Test("file systems that others change are looked at often")
  func mounts() {
    let table = MountTable(
      """
      21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      40 21 0:52 / /mnt/nfs rw - nfs4 server:/x rw
      41 21 0:53 / /mnt/ssh rw shared:3 master:2 - fuse.sshfs host: rw
      42 21 0:300 / /mnt/big rw - cifs //host/x rw
      nonsense
      43 21 0:54 / /mnt/none rw -
      """)
    #expect(!table.isRemote(device: 8 << 8 | 1))
    #expect(table.isRemote(device: 52))
    #expect(table.isRemote(device: 53))
    #expect(table.isRemote(device: 44 | 1 << 20))
    #expect(!table.isRemote(device: 54) && !table.isRemote(device: .max))
    #expect(!MountTable().isRemote(workspace.path))
  }
}
