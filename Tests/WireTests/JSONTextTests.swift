import Glibc
import Testing
import Wire

/// The folder of recorded data beside the repository, nil where it is not installed.
let sharedData: String? = {
  var path = #filePath
  while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
    path = String(path[..<slash])
    if access(path + "/Package.swift", R_OK) == 0, access(path + "/../shared/data", R_OK) == 0 {
      return path + "/../shared/data"
    }
  }
  return nil
}()

/// All bytes of a small file.
func contents(of path: String) -> [UInt8] {
  let file = open(path, O_RDONLY)
  defer { close(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(file, &block, block.count)
    if count <= 0 { return bytes }
    bytes += block[..<count]
  }
}

private func isStrict(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBufferPointer { JSONText.isStrict($0) } }

@Suite struct JSONTextTests {
  @Test(
    "the JSON test suite: 95 texts accepted, 188 rejected, none of the open ones does harm",
    .enabled(if: sharedData != nil, "skipped: ../shared/data is not there"))
  func suite() throws {
    let folder = try #require(sharedData) + "/json_test_suite/test_parsing/"
    let directory = try #require(opendir(folder))
    defer { closedir(directory) }
    var counts: [Character: Int] = [:]
    while let entry = readdir(directory) {
      let name = String(
        cString: (UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0))
          .assumingMemoryBound(to: CChar.self))
      guard let kind = name.first, name.hasSuffix(".json") else { continue }
      let bytes = contents(of: folder + name)
      let verdict = isStrict(bytes)
      if kind != "i" { #expect(verdict == (kind == "y"), "\(name)") }
      #expect(verdict == JSONTextTests.reference(bytes), "\(name)")
      counts[kind, default: 0] += 1
      // The stream scanner must take the same texts for what they are and never stop.
      _ = scan(bytes, cuts: Array(stride(from: 1, to: min(bytes.count, 500), by: 1)))
    }
    #expect(counts["y"] == 95 && counts["n"] == 188 && (counts["i"] ?? 0) > 30)
  }

  private static func reference(_ bytes: [UInt8]) -> Bool {
    var parser = ReferenceParser(bytes)
    parser.skipSpace()
    guard (try? parser.value()) != nil else { return false }
    parser.skipSpace()
    return parser.at == bytes.count
  }

  @Test("every two-byte and many longer sequences are judged as the standard library judges UTF-8")
  func encoding() {
    var random = SplitMix(state: 8)
    for first in UInt8(0x80)...0xFF {
      for second in UInt8(0x20)...0xFF where second != 0x22 && second != 0x5C {
        var bytes = [first, second]
        for _ in 0..<2 {
          let text = [0x22] + bytes + [0x22]
          #expect(isStrict(text) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
          bytes.append(UInt8.random(in: 0x7F...0xC0, using: &random))
        }
        bytes.append(0x80)
        #expect(
          isStrict([0x22] + bytes + [0x22]) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
      }
    }
  }

  @Test(
    "half a surrogate pair, a mark at the start and more than one text are refused",
    arguments: [
      #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, "\u{FEFF}1", "1 2", "", " ", "{}\u{0}",
      "[1]]",
    ])
  func refused(text: String) {
    #expect(!isStrict(Array(text.utf8)))
  }

  @Test(
    "white space around a text and a whole pair are fine",
    arguments: [" 1\n", "\t{}\r\n", #""\ud83d\ude00""#, "-0"])
  func accepted(text: String) {
    #expect(isStrict(Array(text.utf8)))
  }
}
