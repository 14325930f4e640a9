import OrderFlow
import Testing

import Wire

@Suite struct SignalLineTests {
  private func line(_ change: (inout Signal) -> Void) -> String {
    var signal = Signal(
      id: Digest128(high: 1, low: 2), rule: "r", version: "v", seq: 3, time: 4, severity: .low, title: "t")
    change(&signal)
    var out: [UInt8] = []
    SignalLine.append(signal, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  @Test("the keys come in the promised order, absent ones as null")
  func keys() {
    #expect(
      line { _ in } == """
        {"id":"00000000000000010000000000000002","rule":"r","version":"v","seq":3,"t":4,"severity":"low",\
        "title":"t","key":"","market":null,"token":null,"side":null,"user":null,"confidence":null,\
        "data":null,"fold_count":0}

        """)
  }

  @Test("what lessens a signal is said only when it is so")
  func marks() {
    #expect(line { $0.warming = true }.hasSuffix("\"fold_count\":0,\"warming\":true}\n"))
    #expect(line { $0.dataGap = true }.hasSuffix("\"fold_count\":0,\"data_gap\":true}\n"))
    var signal = Signal(
      id: Digest128(high: 1, low: 2), rule: "r", version: "v", seq: 3, time: 4, severity: .low, title: "t")
    #expect(signal.marks == "")
    signal.warming = true
    signal.dataGap = true
    #expect(signal.marks == " [warming] [data gap]")
  }

  @Test(
    "texts are escaped as JSON asks",
    arguments: [
      ("a\"b", #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb\tc", #"a\u000ab\u0009c"#), ("\u{1B}[2J", #"\u001b[2J"#),
      ("\u{0}", #"\u0000"#), ("é 漢 🐳 \u{7F}", "é 漢 🐳 \u{7F}"), ("", ""),
    ])
  func escapes(_ text: String, _ expected: String) {
    #expect(line { $0.title = text }.contains("\"title\":\"\(expected)\",\"key\""))
    #expect(line { $0.user = text }.contains("\"user\":\"\(expected)\",\"confidence\""))
  }

  @Test("a zero below zero is written like zero, because a database cannot keep it")
  func negativeZero() {
    #expect(line { $0.confidence = -0.0 }.contains("\"confidence\":0.0,"))
    #expect(line { $0.confidence = 0.1 }.contains("\"confidence\":0.1,"))
  }
}
