import COrderFlow
import CRuleVM
import OrderFlow

extension RuleRunner {
  func makeHost() -> crv_host {
    let advanceCallback: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { context, index in
      RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.advance(index) }
    }
    return crv_host(
      context: Unmanaged.passUnretained(self).toOpaque(),
      advance: isDirect && !hasKillsToRepeat ? nil : advanceCallback,
      current: { context, window, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.current(Int(window), out) }
      },
      find: { context, window, key, count, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.find(Int(window), key, count, out) }
      },
      list: { context, window, count in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.list(Int(window), count) }
      },
      aggregate: { context, group, number, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.aggregate(group, Int(number), out) }
      },
      key: { context, group, number, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.key(group, Int(number), out) }
      },
      orders: { context, group, count in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.orders(group, count) }
      },
      truncated: { context, group in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.truncated(group) }
      })
  }

  /// The context is always the runner that passed itself, which outlives every call into its VM.
  static func from(_ context: UnsafeMutableRawPointer?) -> Unmanaged<RuleRunner> {
    guard let context else { preconditionFailure("crv_host without a context") }
    return Unmanaged.fromOpaque(context)
  }

  func name(_ window: Int, _ slot: Int32) -> crv_group {
    crv_group(
      window: UInt32(window), index: UInt32(slot), generation: windows[window].groups[Int(slot)].generation)
  }

  func slot(_ group: crv_group) -> Int32? {
    let window = Int(group.window)
    guard window < windowCount, Int(group.index) < windows[window].used,
      windows[window].groups[Int(group.index)].generation == group.generation
    else { return nil }
    // A rule that kept a group of an earlier call reads it as of now.
    if case .sliding(let span) = windows[window].shape {
      windows[window].expire(Int32(group.index), before: cursor.pointee.clock - span)
    }
    return Int32(group.index)
  }

  func current(_ window: Int, _ out: UnsafeMutablePointer<crv_group>?) -> Int32 {
    guard window < windowCount, windows[window].current >= 0 else { return 0 }
    out?.pointee = name(window, windows[window].current)
    return 1
  }

  func find(
    _ window: Int, _ key: UnsafePointer<crv_value>?, _ count: Int, _ out: UnsafeMutablePointer<crv_group>?
  ) -> Int32 {
    guard window < windowCount, let key, count == header.windows[window].keys.count else { return 0 }
    var words: [Int64] = []
    for place in 0..<count {
      guard let word = word(key[place], header.windows[window].keys[place].field) else { return 0 }
      words.append(word)
    }
    var bucket: Int64 = 0
    if case .tumbling(let width) = header.windows[window].shape {
      bucket = Window.floorDivide(cursor.pointee.clock, width) * width
    }
    words.append(bucket)
    let slot = words.withUnsafeBufferPointer { buffer -> Int32 in
      guard let base = buffer.baseAddress else { return -1 }
      return windows[window].lookUp(base, Window.hash(base, buffer.count))
    }
    guard slot >= 0 else { return 0 }
    if case .sliding(let span) = header.windows[window].shape {
      windows[window].expire(slot, before: cursor.pointee.clock - span)
    }
    if windows[window].groups[Int(slot)].count == 0 { return 0 }
    out?.pointee = name(window, slot)
    return 1
  }

  func word(_ value: crv_value, _ field: OrderField) -> Int64? {
    switch field {
    case .integer: return Int(value.kind) == CRV_INTEGER ? value.as.integer : nil
    case .late: return Int(value.kind) == CRV_BOOLEAN ? value.as.integer : nil
    default: break
    }
    if Int(value.kind) == CRV_NIL { return field == .side || field == .venue ? nil : 0 }
    guard Int(value.kind) == CRV_TEXT, let bytes = value.as.text.bytes else { return nil }
    if let codes = field.codes {
      let text = String(
        decoding: UnsafeBufferPointer(start: bytes, count: value.as.text.count), as: UTF8.self)
      return codes.first { $0.name == text }?.code
    }
    let hash = SymbolHash.of(bytes, value.as.text.count)
    let symbol = symbols.pointee.find(bytes, value.as.text.count, hash: hash)
    return symbol == 0 ? nil : Int64(symbol)
  }

  func list(_ window: Int, _ count: UnsafeMutablePointer<Int>?) -> UnsafePointer<crv_group>? {
    guard window < windowCount else { return nil }
    lists = windows[window].sortedGroups(clock: cursor.pointee.clock, symbols: symbols.pointee).map {
      name(window, $0)
    }
    count?.pointee = lists.count
    // The array is a member and not touched until the next call, so its storage stays where it is.
    return lists.withUnsafeBufferPointer { $0.baseAddress }
  }

  func aggregate(
    _ group: crv_group, _ number: Int, _ out: UnsafeMutablePointer<crv_value>?
  ) -> UnsafePointer<CChar>? {
    guard let slot = slot(group), let out else { return RuleRunner.gone }
    let window = Int(group.window)
    switch windows[window].value(number, of: slot, symbols: symbols.pointee) {
    case .none: out.pointee.kind = UInt8(CRV_NIL)
    case .integer(let value): set(out, integer: value)
    case .number(let value):
      out.pointee.kind = UInt8(CRV_NUMBER)
      out.pointee.as.number = value
    case .symbol(let word): set(out, symbol: word)
    case .top(let pairs): set(out, top: pairs, window: window, number: number)
    case .failure(let reason):
      return UnsafeRawPointer(reason.utf8Start).assumingMemoryBound(to: CChar.self)
    }
    return nil
  }

  static var gone: UnsafePointer<CChar> {
    let text: StaticString = "this group is gone: groups are valid during the call that got them"
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  func set(_ out: UnsafeMutablePointer<crv_value>, integer: Int64) {
    out.pointee.kind = UInt8(CRV_INTEGER)
    out.pointee.as.integer = integer
  }

  func set(_ out: UnsafeMutablePointer<crv_value>, symbol word: Int64) {
    let text = symbols.pointee.text(UInt32(truncatingIfNeeded: word))
    if text.isEmpty {
      out.pointee.kind = UInt8(CRV_NIL)
      return
    }
    out.pointee.kind = UInt8(CRV_TEXT)
    out.pointee.symbol = UInt32(truncatingIfNeeded: word)
    out.pointee.as.text.bytes = text.baseAddress
    out.pointee.as.text.count = text.count
  }

  func set(
    _ out: UnsafeMutablePointer<crv_value>, top pairs: [(label: Int64, weight: Int64)], window: Int,
    number: Int
  ) {
    var isText = false
    if case .top(let label, _, _) = header.windows[window].aggregates[number].aggregate {
      isText = !header.windows[window].values[label].isInteger
    }
    topItems = Array(repeating: crv_value(), count: pairs.count * 2)
    topItems.withUnsafeMutableBufferPointer { items in
      guard let base = items.baseAddress else { return }
      for (place, pair) in pairs.enumerated() {
        if isText {
          set(base + 2 * place, symbol: pair.label)
        } else {
          set(base + 2 * place, integer: pair.label)
        }
        set(base + 2 * place + 1, integer: pair.weight)
      }
    }
    out.pointee.kind = UInt8(CRV_LIST)
    out.pointee.as.list.items = topItems.withUnsafeBufferPointer { $0.baseAddress }
    out.pointee.as.list.count = pairs.count
  }

  func key(_ group: crv_group, _ number: Int, _ out: UnsafeMutablePointer<crv_value>?) -> UnsafePointer<
    CChar
  >? {
    guard let slot = slot(group), let out else { return RuleRunner.gone }
    let window = Int(group.window)
    let word = windows[window].keys[Int(slot) * windows[window].keyCount + number]
    set(out, header.windows[window].keys[number].field, word)
    return nil
  }

  /// The value of a field from its word.
  func set(_ out: UnsafeMutablePointer<crv_value>, _ field: OrderField, _ word: Int64) {
    if let codes = field.codes {
      guard let name = codes.first(where: { $0.code == word })?.name else { return }
      set(out, code: name)
    } else if case .text = field {
      set(out, symbol: word)
    } else {
      set(out, integer: word)
      if case .late = field { out.pointee.kind = UInt8(CRV_BOOLEAN) }
    }
  }

  func set(_ out: UnsafeMutablePointer<crv_value>, code name: String) {
    let text: StaticString =
      switch name {
      case "BUY": "BUY"
      case "SELL": "SELL"
      case "polymarket": "polymarket"
      case "kalshi": "kalshi"
      case "taker": "taker"
      default: "maker"
      }
    out.pointee.kind = UInt8(CRV_TEXT)
    out.pointee.as.text.bytes = text.utf8Start
    out.pointee.as.text.count = text.utf8CodeUnitCount
  }

  func orders(_ group: crv_group, _ count: UnsafeMutablePointer<Int>?) -> UnsafePointer<Int64>? {
    count?.pointee = 0
    guard let slot = slot(group) else { return nil }
    groupOrders = windows[Int(group.window)].sequences(slot)
    count?.pointee = groupOrders.count
    return groupOrders.withUnsafeBufferPointer { $0.baseAddress }
  }

  func truncated(_ group: crv_group) -> Int32 {
    guard let slot = slot(group) else { return 0 }
    return windows[Int(group.window)].isTruncated(slot, clock: cursor.pointee.clock) ? 1 : 0
  }
}
