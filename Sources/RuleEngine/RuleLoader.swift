import CRuleVM
import OrderFlow

/// Loads the rules of a folder, each into a VM of its own.
enum RuleLoader {
  /// Loads one rule with the libraries it may require.
  static func load(
    _ file: RuleSources.File, from sources: RuleSources, options: Engine.Options, symbols: SharedSymbols
  ) throws(RuleProblem) -> RuleRunner {
    let name = file.name
    let path = name + ".lua"
    guard isRuleID(name) else {
      let message =
        "the file's name is the rule's id: a lower-case letter, then letters, digits and _, at most 64"
      throw RuleProblem(rule: name, file: path, line: 0, message: message)
    }
    var caps = options.limits.caps
    let instrumented = options.instrumented[name]
    // Room for the probes' own code, so that it takes nothing from the rule.
    if let instrumented { caps.memory_limit += 65_536 + 16 * instrumented.text.count }
    guard let vm = crv_new(name, &caps) else {
      throw RuleProblem(rule: name, file: path, line: 0, message: "there is no memory for its VM")
    }
    do throws(RuleProblem) {
      if let instrumented, Int(crv_enable_probes(vm, instrumented.probe)) != CRV_OK {
        throw RuleProblem(rule: name, file: path, line: 0, message: "there is no memory for its probes")
      }
      let counted = instrumented?.counted ?? 0
      if counted > 0, Int(crv_count_probes(vm, counted)) != CRV_OK {
        throw RuleProblem(rule: name, file: path, line: 0, message: "there is no memory for its counts")
      }
      let header = try fill(vm, file, path, sources, running: instrumented?.text ?? file.source)
      let text = String(decoding: file.source, as: UTF8.self)
      let runner = RuleRunner(
        id: name, vm: vm, header: header, usesEvidence: text.contains("evidence"),
        lateness: options.lateness, symbols: symbols, fingerprint: RuleFingerprint.of(file, in: sources))
      if counted > 0 { runner.counter = ConditionCounter(header, probes: counted) }
      return runner
    } catch {
      crv_free(vm)
      throw error
    }
  }

  /// `[a-z][a-z0-9_]{0,63}`
  static func isRuleID(_ name: String) -> Bool {
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
      return false
    }
    return name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "_")
      }
  }

  private static func fill(
    _ vm: OpaquePointer, _ file: RuleSources.File, _ path: String, _ sources: RuleSources,
    running text: [UInt8]
  ) throws(RuleProblem) -> RuleHeader {
    func memory() -> RuleProblem {
      RuleProblem(rule: file.name, file: path, line: 0, message: "out of memory")
    }
    for library in sources.libraries {
      let status = library.source.withUnsafeBytes { bytes in
        crv_add_library(vm, library.name, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
      }
      if Int(status) != CRV_OK { throw memory() }
    }
    for (name, text) in (sources.parameters[file.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
      if Int(crv_override(vm, name, text)) != CRV_OK { throw memory() }
    }
    let status = text.withUnsafeBytes { bytes in
      crv_load(vm, path, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
    }
    if Int(status) != CRV_OK { throw problem(vm, file.name, path) }
    var count = 0
    let bytes = crv_header(vm, &count)
    guard let tree = HeaderTree(UnsafeBufferPointer(start: bytes, count: count)) else { throw memory() }
    let source = String(decoding: file.source, as: UTF8.self)
    let header = try HeaderReader(rule: file.name, file: path, source: source, tree: tree).read(
      hooks: crv_hooks(vm))
    if Int(bind(vm, header.windows)) != CRV_OK { throw problem(vm, file.name, path) }
    return header
  }

  /// The VM's last failure, without the place that its message begins with.
  static func problem(
    _ vm: OpaquePointer, _ rule: String, _ path: String, fallback: String = "it does not load"
  ) -> RuleProblem {
    guard let failure = crv_last_failure(vm) else {
      return RuleProblem(rule: rule, file: path, line: 0, message: fallback)
    }
    var message = failure.pointee.message.map { String(cString: $0) } ?? fallback
    var file = path
    var line = Int(failure.pointee.line)
    if let place = message.firstMatch(of: /^([A-Za-z0-9_\/.]+\.lua):(?:(\d+):)? ?/) {
      file = String(place.1)
      line = place.2.flatMap { Int($0) } ?? (file == path ? line : 0)
      message = String(message[place.range.upperBound...])
    }
    return RuleProblem(rule: rule, file: file, line: line, message: message)
  }

  /// Hands the names of windows, aggregates and keys over as C strings; the VM copies them.
  private static func bind(_ vm: OpaquePointer, _ windows: [WindowDefinition]) -> Int32 {
    var owned: [UnsafeMutablePointer<CChar>] = []
    var tables: [UnsafeMutableBufferPointer<UnsafePointer<CChar>?>] = []
    defer {
      for text in owned { text.deallocate() }
      for table in tables { table.deallocate() }
    }
    func text(_ parts: [String]) -> UnsafePointer<CChar>? {
      let bytes = parts.flatMap { $0.utf8CString }
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      copy.initialize(from: bytes, count: bytes.count)
      owned.append(copy)
      return UnsafePointer(copy)
    }
    func table(_ entries: [UnsafePointer<CChar>?]) -> UnsafePointer<UnsafePointer<CChar>?>? {
      let copy = UnsafeMutableBufferPointer<UnsafePointer<CChar>?>.allocate(capacity: entries.count + 1)
      _ = copy.initialize(from: entries + [nil])
      tables.append(copy)
      return UnsafePointer(copy.baseAddress)
    }
    let names = windows.map { window in
      crv_window_names(
        name: text([window.name]), aggregates: table(window.aggregates.map { text([$0.name]) }),
        top_fields: table(window.topNames.map { top in top.flatMap { text([$0.label, $0.weight]) } }),
        aggregate_count: window.aggregates.count, keys: table(window.keys.map { text([$0.name]) }),
        key_count: window.keys.count)
    }
    return crv_bind_windows(vm, names, names.count)
  }
}
