import ArgumentParser
import RuleKit

extension DebugCommand {
  /// `betterbot debug reference`: prints docs/reference.md.
  struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reference", abstract: "Print docs/reference.md, the reference of the rule API.")

    func run() { Output.standard.write(APIReference.text) }
  }
}
