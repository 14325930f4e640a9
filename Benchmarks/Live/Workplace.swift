internal import Foundation

/// A folder for journals and the rules: the shipped ones, and one that fires for each probe.
struct Workplace {
  let path: String
  var rules: String { path + "/rules" }

  init(_ path: String) throws {
    self.path = path
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Copies the shipped rules and adds the probe.
  func fill(from shipped: String) throws {
    try? FileManager.default.removeItem(atPath: rules)
    try FileManager.default.copyItem(atPath: shipped, toPath: rules)
    let probe = """
      local R = rule {
        title = "probe", severity = "info",
        where = { token_label = "\(OrderFrames.probeLabel)" },
      }
      function R.on_order(o) signal { title = o.title, key = o.tx_hash } end
      return R

      """
    try probe.write(toFile: rules + "/probe.lua", atomically: true, encoding: .utf8)
  }

  /// A place for a new journal; the one before is gone.
  func journal() throws -> String {
    let folder = path + "/journal"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder + "/live.db"
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
