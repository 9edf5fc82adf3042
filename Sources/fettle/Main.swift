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
}
