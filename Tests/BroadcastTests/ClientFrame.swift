/// Makes the frames of a client, right and wrong ones.
struct ClientFrame {
  var opcode: UInt8
  var payload: [UInt8] = []
  var isFinal = true
  var reserved: UInt8 = 0
  var mask: [UInt8]? = [0x12, 0xF4, 0x56, 0xA8]
  /// The bytes of the length, when they are not the shortest; 2 or 8.
  var lengthBytes: Int?
  /// A length that is not the payload's.
  var claimed: UInt64?

  init(
    _ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true, reserved: UInt8 = 0,
    mask: [UInt8]? = [0x12, 0xF4, 0x56, 0xA8], lengthBytes: Int? = nil, claimed: UInt64? = nil
  ) {
    self.opcode = opcode
    self.payload = payload
    self.isFinal = isFinal
    self.reserved = reserved
    self.mask = mask
    self.lengthBytes = lengthBytes
    self.claimed = claimed
  }

  init(_ opcode: UInt8, _ text: String, isFinal: Bool = true) {
    self.init(opcode, Array(text.utf8), isFinal: isFinal)
  }

  var bytes: [UInt8] {
    var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
    let count = claimed ?? UInt64(payload.count)
    let marked: UInt8 = mask == nil ? 0 : 0x80
    switch lengthBytes ?? (count <= 125 ? 0 : count <= 0xFFFF ? 2 : 8) {
    case 0: bytes.append(marked | UInt8(count))
    case 2:
      bytes.append(marked | 126)
      bytes += [UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
    default:
      bytes.append(marked | 127)
      bytes += stride(from: 56, through: 0, by: -8).map { UInt8(count >> UInt64($0) & 0xFF) }
    }
    bytes += mask ?? []
    bytes += payload.enumerated().map { index, byte in byte ^ (mask?[index & 3] ?? 0) }
    return bytes
  }

  static func text(_ text: String) -> [UInt8] { ClientFrame(1, text).bytes }
  static func ping(_ text: String) -> [UInt8] { ClientFrame(9, text).bytes }
  static func close(_ code: UInt16, _ reason: String = "") -> [UInt8] {
    ClientFrame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8)).bytes
  }
}
