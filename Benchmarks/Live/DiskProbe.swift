internal import Foundation

/// What a file system takes for an append of 4 KiB that is on disk, so that `full` can be judged.
enum DiskProbe {
  static func print(_ folder: String) {
    let path = folder + "/probe"
    let file = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0o600)
    guard file >= 0 else { return Swift.print("disk: no file can be made in \(folder)") }
    defer {
      close(file)
      unlink(path)
    }
    let block = [UInt8](repeating: 7, count: 4096)
    var times: [Double] = []
    for _ in 0..<200 {
      let began = Clock.now()
      guard write(file, block, block.count) == block.count, fdatasync(file) == 0 else { break }
      times.append(Double(Clock.now() - began) / 1000)
    }
    times.sort()
    guard times.count == 200 else { return Swift.print("disk: an append to \(path) failed") }
    let text = "4 KiB append + fdatasync: p50 %.0f µs, p99 %.0f µs (200 times)"
    Swift.print(String(format: text, times[99], times[197]))
  }
}
