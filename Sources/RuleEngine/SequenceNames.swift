import CRuleVM

/// The names of a rule's sequences, their steps and key fields, as C strings that live as long as it does.
final class SequenceNames {
  struct Names {
    var name: UnsafeMutablePointer<CChar>
    var steps: [UnsafeMutablePointer<CChar>]
    var keys: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>
  }

  let names: [Names]

  init(_ sequences: [SequenceDefinition]) {
    func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
      let bytes = text.utf8CString
      let result = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      bytes.withUnsafeBufferPointer { source in
        for place in source.indices { (result + place).initialize(to: source[place]) }
      }
      return result
    }
    names = sequences.map { sequence in
      let keys = UnsafeMutableBufferPointer<UnsafePointer<CChar>?>.allocate(capacity: sequence.keys.count)
      _ = keys.initialize(from: sequence.keys.map { UnsafePointer(copy($0.name)) })
      return Names(name: copy(sequence.name), steps: sequence.steps.map { copy($0.name) }, keys: keys)
    }
  }

  deinit {
    for entry in names {
      entry.name.deallocate()
      for step in entry.steps { step.deallocate() }
      for key in entry.keys { key?.deallocate() }
      entry.keys.deallocate()
    }
  }
}
