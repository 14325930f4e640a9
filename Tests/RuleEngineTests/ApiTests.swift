import CRuleVM
import Testing

@Suite("Api")
struct ApiTests {
  @Test func names() {
    var limits = crv_default_limits()
    let vm = crv_new("x", &limits)
    print(String(cString: crv_api_names(vm)))
    print(limits)
    crv_free(vm)
  }
}
