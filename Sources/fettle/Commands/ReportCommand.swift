import ArgumentParser
import Base
import ServiceLevels
import Store
import Tickets

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Figures over the tickets.", subcommands: [ReportSLA.self])
}

struct ReportSLA: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sla", abstract: "Service levels of the tickets that were taken over, as recorded.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var place: Place
    @Option(help: "How it is written.") var format = Format.text

    func run() async throws {
        try await Terminal.run {
            let store = try await place.open()
            let report = try await store.read(by: .system("report")) { try TicketReport($0) }
            Terminal.out(format == .json ? report.json.pretty() : report.text)
            await store.engine.close()
        }
    }
}

struct DeadlinesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadlines",
        abstract: "Tries calendars before they are used: one line of JSON a case.")

    @OptionGroup var place: Place
    @Option(help: "Calendars (JSON).", completion: .file()) var calendars: String
    @Argument(help: "Cases, one line of JSON each.", completion: .file()) var cases: String

    func run() async throws {
        try await Terminal.run {
            _ = try DeadlineTrial(calendarsFile: calendars).run(casesFile: cases) { Terminal.out($0) }
        }
    }
}
