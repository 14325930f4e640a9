/// Something of a rule that never happened.
public struct CoverageGap: Sendable, Equatable {
  /// What it is.
  public enum Kind: String, Sendable {
    case function, line, branch, operand, condition
  }

  /// What did not happen to it.
  public enum Never: String, Sendable {
    case called, run, tested, evaluated, `true`, `false`
  }

  /// What it is.
  public var kind: Kind
  /// The file, as it was named.
  public var file: String
  /// Its line, from 1; 0 when the text does not show it.
  public var line: Int
  /// The last of its lines.
  public var lastLine: Int
  /// The name of a function, the text of a condition; empty of lines and of functions without a name.
  public var text: String
  /// What did not happen to it.
  public var never: Never
  /// Where in the header a condition stands; empty of others.
  public var place = ""

  /// What it is and what did not happen: "the condition 'a < b' was never true".
  public var message: String {
    switch kind {
    case .function where text.isEmpty: "this function was never called"
    case .function: "the function '\(text)' was never called"
    case .line where line == lastLine: "this line never ran"
    case .line: "lines \(line) to \(lastLine) never ran"
    case .branch: "the condition '\(text)' was never \(never.rawValue)"
    case .operand: "the operand '\(text)' was never \(never.rawValue)"
    case .condition: "the condition '\(text)' of \(place) was never \(never.rawValue)"
    }
  }
}

extension CoverageGap: CustomStringConvertible {
  /// "sweep.lua:31: the condition 'a < b' was never true"
  public var description: String { "\(file):\(line > 0 ? "\(line):" : "") \(message)" }
}
