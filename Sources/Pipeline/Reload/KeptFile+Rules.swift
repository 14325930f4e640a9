import Crypto
import Journal
import RuleEngine

extension RuleSources {
  private static var folders: [(prefix: String, path: WritableKeyPath<RuleSources, [File]>, suffix: String)] {
    [("", \.rules, ".lua"), ("lib/", \.libraries, ".lua"), ("tables/", \.tables, "")]
  }
  private static var parameterPrefix: String { "params/" }

  /// Everything that the version depends on, as files for the journal.
  var kept: [KeptFile] {
    var files: [KeptFile] = []
    func add(_ path: String, _ bytes: [UInt8]) {
      files.append(KeptFile(path: path, bytes: bytes, hash: Array(SHA256.hash(data: bytes))))
    }
    for (prefix, path, suffix) in RuleSources.folders {
      for file in self[keyPath: path] { add(prefix + file.name + suffix, file.source) }
    }
    for (rule, values) in parameters {
      for (name, text) in values { add("\(RuleSources.parameterPrefix)\(rule)/\(name)", Array(text.utf8)) }
    }
    return files
  }

  /// The rule set that `kept` gave; throws when its watch list cannot be read any more.
  init(_ kept: [KeptFile]) throws(RuleFolder.Failure) {
    self.init(rules: [])
    for file in kept {
      if file.path.hasPrefix(RuleSources.parameterPrefix) {
        let parts = file.path.dropFirst(RuleSources.parameterPrefix.count).split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { continue }
        parameters[String(parts[0]), default: [:]][String(parts[1])] = String(
          decoding: file.bytes, as: UTF8.self)
        continue
      }
      let folder = RuleSources.folders.last { file.path.hasPrefix($0.prefix) }
      guard let folder else { continue }
      let name = file.path.dropFirst(folder.prefix.count).dropLast(folder.suffix.count)
      self[keyPath: folder.path].append(File(name: String(name), source: file.bytes))
    }
    self = RuleSources(
      rules: rules, libraries: libraries, labels: try RuleFolder.labels(in: tables, below: ""),
      parameters: parameters, tables: tables)
  }
}
