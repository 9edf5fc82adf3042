import ArgumentParser
import Base

@main
struct Fettle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fettle", abstract: "After-sales service management.", version: Health.version,
        subcommands: [
            Serve.self, Demo.self, UserCommand.self, TokenCommand.self, ImportCommand.self,
            ExportCommand.self,
            ReportCommand.self, DeadlinesCommand.self, BackupCommand.self, RestoreCommand.self,
            VerifyCommand.self, MigrateCommand.self, DoctorCommand.self, OpenAPICommand.self,
        ])

    /// Bad arguments end as bad input of any kind does: one line that says what is wrong, and 2.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            // Help, the version, or a command that has said already what was wrong.
            if code == .success || error is ExitCode { exit(withError: error) }
            Terminal.note(message(for: error).split(whereSeparator: \.isNewline).joined(separator: " "))
            exit(withError: code == .validationFailure ? ExitCode(2) : .failure)
        }
    }
}
