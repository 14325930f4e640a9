import Testing

@testable import RuleKit

@Suite("The description of the API, in the program")
struct APIDescriptionTests {
  private let api = APIDescription.current

  @Test("it is the file of the sources, read whole")
  func whole() throws {
    let file = try #require(Scenery.bytes(Scenery.root + "/Sources/RuleKit/API/api.json"))
    let read = try #require(APIDescription(file))
    #expect(read.functions == api.functions)
    #expect(api.version == 1)
    #expect(api.functions.count > 100)
    #expect(api.order.count == 20)
    for list in APIDescription.List.allCases { #expect(!api[list].isEmpty, "\(list)") }
    #expect(api.hooks.count == 7)
    #expect(api.limits.count > 10)
    #expect(!api.types.isEmpty && !api.severities.isEmpty && !api.windows.isEmpty)
  }

  @Test("something that lacks a part is no description", arguments: ["[]", "{}", "{\"version\": 1}", "no"])
  func broken(_ text: String) { #expect(APIDescription(Array(text.utf8)) == nil) }

  @Test("a signature names as many arguments as are described, and its results")
  func signatures() {
    for function in api.functions + api.hooks where function.valueType == nil {
      guard let open = function.signature.firstIndex(of: "("), !function.signature.contains("{") else {
        continue
      }
      let inside = function.signature[function.signature.index(after: open)...].prefix { $0 != ")" }
      let names = inside.split(separator: ",").map { $0.drop { $0 == " " } }
      let takesMore = function.arguments.last?.name == "..."
      #expect(names.isEmpty == function.arguments.isEmpty, "\(function.signature)")
      #expect(takesMore || names.count <= max(1, function.arguments.count), "\(function.signature)")
    }
  }
}
