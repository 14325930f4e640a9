import ArgumentParser
import Feeds
import Wire

/// `betterbot debug`: looks into the program's own parts; not shown in the help.
struct DebugCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "debug", abstract: "Look into parts of the program.", shouldDisplay: false,
    subcommands: [JSON.self, Again.self, Reference.self])

  /// Exit 0 when the whole file is one strict JSON text, 1 when it is not; by the scanner the feeds use.
  struct JSON: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "json", abstract: "Exit 0 when the file is one strict JSON text, else 1.")

    @Argument(help: "The file, or - for standard input.") var file: String

    func run() throws {
      let bytes = try contents()
      if !bytes.withUnsafeBufferPointer({ JSONText.isStrict($0) }) { throw ExitCode.differs }
    }

    private func contents() throws -> [UInt8] {
      do throws(FeedError) {
        var source = try ByteSource(path: file)
        var bytes: [UInt8] = []
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { block.deallocate() }
        while true {
          let count = try source.read(into: block)
          if count == 0 { return bytes }
          bytes.append(contentsOf: block[..<count])
        }
      } catch {
        throw Output.fail(error.description, .badInput)
      }
    }
  }
}
