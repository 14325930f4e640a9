import Broadcast
import Testing

@Suite("Role")
struct RoleTests {
  @Test("each role includes the ones before it")
  func order() {
    #expect(Role.viewer < .operator)
    #expect(Role.operator < .admin)
    #expect(Role.allCases == Role.allCases.sorted())
  }
}
