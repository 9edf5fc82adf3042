import Base
import Foundation

/// `fettle-bench bare PORT` serves the bare route; else the whole bench runs:
/// `fettle-bench --fettle PATH [--folder DIR] [--large] [--tickets N] [--seconds N] [--database-url URL]`.
@main
struct Main {
    static func main() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "bare" {
            try await Bare.serve(port: arguments.dropFirst().first.flatMap { Int($0) } ?? 8090)
            return
        }
        var bench = Bench()
        while !arguments.isEmpty {
            let name = arguments.removeFirst()
            func value() -> String { arguments.isEmpty ? "" : arguments.removeFirst() }
            switch name {
            case "--fettle": bench.fettle = value()
            case "--database-url": bench.url = value()
            case "--folder": bench.folder = value()
            case "--explain": bench.explains = true
            case "--large": bench.large = 200_000
            case "--seconds": bench.seconds = Double(value()) ?? bench.seconds
            case "--tickets": bench.large = Int(value())
            default:
                say("unknown option \(name)")
                exit(2)
            }
        }
        do {
            try await bench.run()
        } catch {
            say("the bench failed: \(error)")
            exit(1)
        }
    }
}
