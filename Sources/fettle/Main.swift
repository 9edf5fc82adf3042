import ArgumentParser
import Base

@main
struct Fettle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fettle", abstract: "After-sales service management.", version: Health.version,
        subcommands: [Serve.self])
}
