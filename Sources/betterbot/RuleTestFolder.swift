import ArgumentParser
import Documents
import Files
import Glibc
import RuleKit

/// The test files in a folder of rules.
struct RuleTestFolder {
  /// A test file, read.
  struct Read {
    var path: String
    var text: String
    var tests: [RuleTest]
    var recordings: RuleTestFile.Recordings

    func append(_ appendix: TestAppendix) throws {
      let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw Output.fail("cannot write \(path): \(String(cString: strerror(errno)))", .badInput)
      }
      defer { close(descriptor) }
      let code = Descriptor.write(Array(appendix.file.utf8), to: descriptor)
      if code != 0 {
        throw Output.fail("cannot write \(path): \(String(cString: strerror(code)))", .badInput)
      }
    }
  }

  let rules: String

  init(_ rules: String) { self.rules = rules }

  /// The tests of a rule; nil when there is no file.
  func read(_ rule: String) throws -> Read? {
    let path = "\(rules)/\(rule).test.yaml"
    guard SmallFile.stamp(path) != nil else { return nil }
    let recordings: RuleTestFile.Recordings = { (name: String) throws(PlacedProblem) in
      throw PlacedProblem(path, "recordings are not read yet: \(name)")
    }
    do {
      let text = String(decoding: try SmallFile.read(path, limit: 16 << 20).bytes, as: UTF8.self)
      let file = try RuleTestFile.read(text, path: path, recordings: recordings)
      return Read(path: path, text: text, tests: file.tests, recordings: recordings)
    } catch let problem as PlacedProblem {
      throw Output.fail("\(problem)", .badInput)
    } catch let failure as SmallFile.Failure {
      throw Output.fail("\(path): \(failure)", .badInput)
    }
  }
}
