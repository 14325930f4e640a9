import Documents
import Testing

@testable import RuleKit

@Suite("The standard library for selene")
struct SeleneLibraryTests {
  private let api = APIDescription.current

  private func globals() throws -> [PlacedValue.Entry] {
    let file = try YAMLText.parse(SeleneLibrary.current.text, path: "betterbot.yml")
    #expect(file["base"] == nil, "what another library has would exist for rules")
    #expect(file["name"]?.text == "betterbot")
    return try #require(file["globals"]).entries
  }

  @Test("it has every name of the API, and no other")
  func names() throws {
    let names = try globals().map(\.key)
    #expect(names == api.functions.map(\.name))
    for name in ["os", "io", "load", "string.dump", "coroutine.wrap", "math.randomseed"] {
      #expect(!names.contains(name))
    }
  }

  @Test("a function takes as many arguments as are described, and the optional ones are marked")
  func arguments() throws {
    for (entry, function) in zip(try globals(), api.functions) {
      if function.valueType != nil {
        #expect(entry.value["args"] == nil, "\(function.name)")
        continue
      }
      guard case .list(let list)? = entry.value["args"]?.content else {
        Issue.record("\(function.name) takes no list of arguments")
        continue
      }
      #expect(list.count == function.arguments.count)
      for (item, argument) in zip(list, function.arguments) {
        let isNeeded = !argument.isOptional && argument.name != "..."
        #expect((item["required"]?.text == "false") == !isNeeded, "\(function.name): \(argument.name)")
      }
    }
  }
}
